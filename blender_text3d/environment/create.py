# SPDX-License-Identifier: GPL-3.0-or-later
"""Create an environment: a new version next to the old one, which stays in use until the new one passes its test."""

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ..system.run_logged import Log, run_logged
from .check import has_python, is_ready
from .errors import SetupFailed
from .installers.install_plan import PackageSource, install_steps
from .installers.installer import Installer, find_installer
from .installers.torch_build import build_to_install, expected_gb, requested_build_text, require_macos
from .interpreters import Interpreter, find_interpreter
from .lock import require_lock
from .manifest import Manifest, read_manifest, write_manifest
from .offline.kit import Kit, require_matching_kit
from .optional_parts import version_dir
from .part_actions import reinstall_parts
from .paths import log_path, venv_python, worker_python
from .requirements import WORKER, Packages
from .smoke_test import run_smoke_test
from .smoke_test_result import FILE_NAME, SmokeTestResult, write_test_result
from .target_folder import prepare_target_folder, require_free_space
from .versions import disk_bytes, remove_cache, remove_other_versions, unused_folder_name

Report = Callable[[str, float], None]
INSTALL_START, INSTALL_END = 0.05, 0.85  # shares of the work


@dataclass(frozen=True)
class Options:
    """The user's choices for an environment.

    Attributes:
        python: Path of the interpreter to build on; "" to search for one.
        torch: PyTorch build: "auto", "cpu", "cu130", "default", "own" ...
        torch_index: Index URL or folder for the build "own".
        kit: An offline kit that replaces the network, or None.
    """

    python: str = ""
    torch: str = "auto"
    torch_index: str = ""
    kit: Kit | None = None


def create_environment(
    env_dir: Path,
    report: Report,
    *,
    packages: Packages = WORKER,
    python: str = "",
    torch: str = "auto",
    torch_index: str = "",
    kit: Kit | None = None,
    force: bool = False,
) -> Path:
    """Create or update an environment; does nothing if it is ready.

    Args:
        env_dir: Its folder. A folder with other files is never touched.
        report: Called with a line for the user and the completed share of the work, 0 to 1.
        packages: Its contents.
        python, torch, torch_index, kit: As in Options.
        force: True to replace an environment that is ready.

    Returns:
        The Python inside the environment.

    Raises:
        SetupFailed: It could not be created; the previous version is still in use.
    """
    env_dir = Path(env_dir).absolute()
    prepare_target_folder(env_dir)
    with require_lock(env_dir):
        if force or not is_ready(env_dir, packages):
            _create(env_dir, report, packages, Options(python, torch, torch_index, kit))
    report("The environment is ready", 1.0)
    return worker_python(env_dir)


def _create(env_dir: Path, report: Report, packages: Packages, options: Options) -> None:
    if options.kit:
        require_matching_kit(options.kit, packages)
    build = build_to_install(options.torch)
    if packages.hashed:
        require_macos(build)
    require_free_space(env_dir.parent, max(packages.needed_gb, expected_gb(build) if packages.hashed else 0))
    report("Searching for a Python", 0.0)
    interpreter = _find_interpreter(packages, options)
    _prepare_manifest(env_dir, packages, interpreter)
    log = _new_log(env_dir)
    folder = unused_folder_name(env_dir)
    try:
        _create_venv(env_dir / folder, interpreter, report, log)
        result = _install_and_test(env_dir, env_dir / folder, report, packages, options, build, log)
    except BaseException:
        shutil.rmtree(env_dir / folder, ignore_errors=True)
        raise
    write_test_result(env_dir / folder / FILE_NAME, result)
    write_manifest(env_dir, Manifest("ready", packages.sha256, str(interpreter.path), folder))
    remove_other_versions(env_dir, folder)
    remove_cache(env_dir)


def _find_interpreter(packages: Packages, options: Options) -> Interpreter:
    kit = options.kit
    if kit is None:
        return find_interpreter(packages.python_versions, options.python)
    try:
        return find_interpreter((kit.python,), options.python)
    except SetupFailed as error:
        raise SetupFailed(
            f"The kit in {kit.folder} is for Python {kit.python}. {error.problem.message}",
            f"Install Python {kit.python} with its venv module, or choose one in the preferences (`--python`), or "
            "make a kit for another version with scripts/offline_kit.py make --python.",
        ) from error


def _prepare_manifest(env_dir: Path, packages: Packages, interpreter: Interpreter) -> None:
    """Keep the manifest of an environment in use, or write one with the state "making"; remove unused versions."""
    env_dir.mkdir(exist_ok=True)
    old = read_manifest(env_dir)
    if old and old.state == "ready" and has_python(env_dir, old):
        if old.folder:
            remove_other_versions(env_dir, old.folder)
        return
    write_manifest(env_dir, Manifest("making", packages.sha256, str(interpreter.path)))
    remove_other_versions(env_dir, "")


def _new_log(env_dir: Path) -> Log:
    path = log_path(env_dir)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return Log(path)


def _create_venv(folder: Path, interpreter: Interpreter, report: Report, log: Log) -> None:
    report(f"Creating an environment with Python {interpreter.version}", 0.01)
    result = run_logged([interpreter.path, "-I", "-m", "venv", folder], log)
    if result.code:
        raise SetupFailed(
            f"The environment {folder} could not be created. {result.last_line}",
            "Press Set Up again. If the problem persists, choose another Python or folder.",
        )


def _install_and_test(
    env_dir: Path, folder: Path, report: Report, packages: Packages, options: Options, build: str, log: Log
) -> SmokeTestResult:
    report("Preparing the installer", 0.03)
    installer = find_installer(env_dir, venv_python(folder), log, is_offline=options.kit is not None)
    _install(installer, report, packages, options, build)
    report("Testing the installation", INSTALL_END)
    result = run_smoke_test(venv_python(folder), packages, log)
    notes = [*installer.notes, *_reinstall_parts(env_dir, folder, installer, report, packages, options)]
    report("Measuring disk usage", 0.98)
    result = replace(result, tool=installer.name(), disk_bytes=disk_bytes(folder), notes=tuple(notes))
    if options.kit:
        return result
    requested = requested_build_text(options.torch, options.torch_index)
    return replace(result, requested_build=requested, build=build, requested_python=options.python)


def _reinstall_parts(
    env_dir: Path, folder: Path, installer: Installer, report: Report, packages: Packages, options: Options
) -> list[str]:
    """Install the optional parts of the old version again, which an offline kit does not contain."""
    if not packages.is_worker or options.kit:
        return []
    return reinstall_parts(installer, version_dir(env_dir), folder, _scaled(report, INSTALL_END, 0.1))


def _install(installer: Installer, report: Report, packages: Packages, options: Options, build: str) -> None:
    kit = options.kit
    is_custom = packages.hashed is not None and installer.has_custom_source()
    source = PackageSource(
        build, options.torch_index, is_custom, str(kit.wheels) if kit else "", kit.torch if kit else ""
    )
    steps = install_steps(packages, source)
    step_share = (INSTALL_END - INSTALL_START) / len(steps)
    for index, step in enumerate(steps):
        start = INSTALL_START + index * step_share
        report(f"Installing {step.name}", start)
        installer.install(step, _scaled(report, start, step_share))


def _scaled(report: Report, start: float, length: float) -> Report:
    return lambda message, share: report(message, start + length * share)
