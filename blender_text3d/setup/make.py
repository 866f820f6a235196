# SPDX-License-Identifier: GPL-3.0-or-later
"""Making the environment: from an empty folder, or from what an interrupted attempt or an older version left."""

import contextlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from .lock import only_maker
from .mark import Mark, read_mark, write_mark
from .packages import WORKER, Packages
from .paths import worker_python
from .pip_run import clean_environment, pip_install
from .place import prepare_place
from .problem import SetupFailed
from .pythons import find_interpreter
from .torch_build import torch_attempts, torch_build

Report = Callable[[str, float], None]


def make(env_dir: Path, report: Report, *, packages: Packages = WORKER, python: str = "", torch: str = "auto") -> Path:
    """Make, finish, repair or renew an environment; does nothing where it is ready.

    Args:
        env_dir: Its folder. A folder with other content is never touched.
        report: Called with a line for the user and the share of the work done, 0 to 1.
        packages: What it is to hold.
        python: Path of the interpreter to build on; "" to search for one.
        torch: PyTorch's build: "auto", "cpu", "cu130", "default" ...

    Returns:
        The Python inside the environment.

    Raises:
        SetupFailed: It could not be made; what is there can be repaired by the next call.
    """
    env_dir = Path(env_dir).absolute()
    prepare_place(env_dir, packages.needed_gb)
    with only_maker(env_dir) as is_alone:
        if not is_alone:
            raise SetupFailed(f"Another process is making {env_dir} just now.", "Wait until it is done.")
        if not is_ready(env_dir, packages):
            _make(env_dir, report, packages, python, torch)
    report("The environment is ready", 1.0)
    return worker_python(env_dir)


def is_ready(env_dir: Path, packages: Packages = WORKER) -> bool:
    """Whether the environment was finished for just these packages and its Python is still there."""
    mark = read_mark(env_dir)
    is_current = mark is not None and mark.state == "ready" and mark.requirements_sha256 == packages.sha256
    return is_current and worker_python(env_dir).exists()


def _make(env_dir: Path, report: Report, packages: Packages, python: str, torch: str) -> None:
    mark = _emptied_or_reused(env_dir, report, packages, python)
    _install(env_dir, report, packages, torch_build(torch))
    report("Trying what was installed", 0.95)
    _prove(env_dir, packages.modules)
    write_mark(env_dir, Mark("ready", packages.sha256, mark.base_python))


def _emptied_or_reused(env_dir: Path, report: Report, packages: Packages, python: str) -> Mark:
    """Marks the environment as being made, with a Python in it; one that was once ready is kept and built upon."""
    old = read_mark(env_dir)
    base_python = old.base_python if old else ""
    making = Mark("making", packages.sha256, base_python)
    if old and old.state == "ready" and worker_python(env_dir).exists() and python in ("", base_python):
        write_mark(env_dir, making)
        return making
    return _fresh(env_dir, report, packages, python)


def _fresh(env_dir: Path, report: Report, packages: Packages, python: str) -> Mark:
    report("Looking for a Python", 0.0)
    interpreter = find_interpreter(packages.python_versions, python)
    _remove_ours(env_dir)
    env_dir.mkdir(parents=True)
    making = Mark("making", packages.sha256, str(interpreter.path))
    write_mark(env_dir, making)
    report(f"Making an environment with Python {interpreter.version}", 0.01)
    _run([str(interpreter.path), "-I", "-m", "venv", str(env_dir)], f"Making {env_dir} failed.")
    return making


def _install(env_dir: Path, report: Report, packages: Packages, build: str) -> None:
    torch = [line for line in packages.requirements if line.startswith("torch==")]
    if torch and build != "default":
        _install_torch(env_dir, torch_attempts(torch[0], build), _part(report, 0.05, 0.4))
    pip_install(env_dir, ("--only-binary", ":all:", *packages.requirements), "the packages", _part(report, 0.4, 0.95))


def _install_torch(env_dir: Path, attempts: list[tuple[str, ...]], report: Report) -> None:
    with contextlib.suppress(SetupFailed):
        return pip_install(env_dir, attempts[0], "PyTorch", report)
    return pip_install(env_dir, attempts[1], f"{attempts[1][-1]} from PyTorch's own index", report)


def _prove(env_dir: Path, modules: tuple[str, ...]) -> None:
    command = [str(worker_python(env_dir)), "-I", "-c", "import " + ", ".join(modules)]
    _run(command, f"The packages in {env_dir} are installed but do not work.")


def _run(command: list[str], message: str) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", env=clean_environment(), stdin=subprocess.DEVNULL
    )
    if done.returncode:
        said = ((done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise SetupFailed(f"{message} {said}", "Press Set Up again; if it stays, choose another Python or folder.")


def _remove_ours(env_dir: Path) -> None:
    try:
        if env_dir.exists():
            shutil.rmtree(env_dir)
    except OSError as error:
        raise SetupFailed(
            f"The unfinished environment {env_dir} could not be removed: {error}.", "Close programs that use it."
        ) from error


def _part(report: Report, start: float, end: float) -> Report:
    return lambda message, share: report(message, start + (end - start) * share)
