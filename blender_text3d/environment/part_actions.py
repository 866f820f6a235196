# SPDX-License-Identifier: GPL-3.0-or-later
"""Install and remove an optional part in the version of an environment that is in use."""

from collections.abc import Callable
from pathlib import Path

from ..system.run_logged import Log, run_logged
from .check import find_problems
from .errors import SetupFailed
from .installers.install_plan import HASHED, InstallStep
from .installers.installer import Installer, find_installer
from .installers.pip import Pip
from .lock import require_lock
from .optional_parts import PARTS, OptionalPart, installed_parts, record_parts, version_dir
from .paths import log_path, worker_python
from .requirements import WORKER, Packages
from .target_folder import require_free_space
from .versions import remove_cache

INSTALL_END = 0.9
SPARE = 2.5
"""Free disk space that is asked for, in sizes of the installed part: the downloads need some, too."""

Report = Callable[[str, float], None]


def add_part(env_dir: Path, part: OptionalPart, report: Report, packages: Packages = WORKER) -> None:
    """Install an optional part, unless it is there in this version. A failure leaves the environment usable.

    Raises:
        SetupFailed: The environment is not ready, or the part could not be installed.
    """
    if problems := find_problems(env_dir, packages):
        raise SetupFailed(problems[0].message, problems[0].fix)
    with require_lock(env_dir):
        folder = version_dir(env_dir)
        installed = installed_parts(folder)
        if installed.get(part.name) != part.sha256:
            require_free_space(env_dir.parent, SPARE * part.size_bytes / 1e9)
            log = _new_log(env_dir)
            record_parts(folder, _without(installed, part))  # incomplete until the test has passed
            report(f"Preparing to install {part.label}", 0.02)
            install_part(find_installer(env_dir, worker_python(env_dir), log), part, report)
            record_parts(folder, {**installed, part.name: part.sha256})
            remove_cache(env_dir)
    report(f"{part.label} is installed", 1.0)


def install_part(installer: Installer, part: OptionalPart, report: Report) -> None:
    """Install a part's packages with their hashes, and import its modules.

    Raises:
        SetupFailed: A package could not be installed, or does not work.
    """
    installer.install(InstallStep(part.label, ((*HASHED, "-r", str(part.file)),), ("",)), report)
    report(f"Testing {part.label}", INSTALL_END)
    python = installer.pip.python
    result = run_logged([python, "-I", "-c", f"import {', '.join(part.modules)}"], installer.log)
    if result.code:
        raise SetupFailed(
            f"{part.label} is installed but does not work. {result.last_line}",
            "Remove it and install it again, or press Check and Repair.",
        )


def reinstall_parts(installer: Installer, old_folder: Path, new_folder: Path, report: Report) -> list[str]:
    """Install the parts of an environment's old version into its new one.

    Returns:
        A sentence for each part that could not be installed: the environment works without it.
    """
    notes, done = [], {}
    for name in installed_parts(old_folder):
        part = PARTS.get(name)
        if part is None:
            continue
        try:
            install_part(installer, part, report)
            done[name] = part.sha256
        except SetupFailed as error:
            installer.log.add(str(error))
            notes.append(f"The optional part {part.label} was not installed again: {error.problem.message}")
    if done:
        record_parts(new_folder, done)
    return notes


def remove_part(env_dir: Path, part: OptionalPart, report: Report) -> None:
    """Remove the packages of an optional part, which neither the worker nor another installed part needs.

    Raises:
        SetupFailed: A file could not be removed.
    """
    with require_lock(env_dir):
        report(f"Removing {part.label}", 0.1)
        folder = version_dir(env_dir)
        kept = _without(installed_parts(folder), part)
        needed = {package for name in kept.keys() & PARTS.keys() for package in PARTS[name].packages}
        own = tuple(package for package in part.packages if package not in needed)
        Pip(worker_python(env_dir), _new_log(env_dir)).uninstall(own, part.label)
        record_parts(folder, kept)
    report(f"{part.label} was removed", 1.0)


def _without(installed: dict[str, str], part: OptionalPart) -> dict[str, str]:
    return {name: sha256 for name, sha256 in installed.items() if name != part.name}


def _new_log(env_dir: Path) -> Log:
    log_path(env_dir).unlink(missing_ok=True)
    return Log(log_path(env_dir))
