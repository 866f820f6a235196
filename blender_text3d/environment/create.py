# SPDX-License-Identifier: GPL-3.0-or-later
"""Making the environment: a new one beside the old one, which stays in use until the new one has proved itself."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..system.run_logged import Log, run_logged
from .check import has_python, problems
from .errors import SetupFailed
from .installers.install_plan import Source, steps
from .installers.installer import Installer, installer
from .installers.torch_build import build_to_install, expected_gb, require_macos, wish_in_words
from .interpreters import Interpreter, find_interpreter
from .lock import only_maker
from .manifest import Manifest, read_mark, write_mark
from .offline.kit import Kit, require_matching_kit
from .paths import log_path, python_in, worker_python
from .requirements import WORKER, Packages
from .smoke_test import run_smoke_test
from .target_folder import prepare_place, require_free_space
from .test_result import FILE_NAME, SmokeTestResult, write_stamp
from .versions import disk_bytes, new_folder, remove_cache, remove_others

Report = Callable[[str, float], None]
INSTALLED = 0.85  # the share of the work that is done when everything is installed
RETRY_FOR_S = 10.0  # for one that was just stopped and still clears away what it made


@dataclass(frozen=True)
class Options:
    """What the user may choose of an environment.

    Attributes:
        python: Path of the interpreter to build on; "" to search for one.
        torch: PyTorch's build: "auto", "cpu", "cu130", "default", "own" ...
        torch_index: An index or a folder, for the build "own".
        kit: An offline kit that everything comes from, None for the network.
    """

    python: str = ""
    torch: str = "auto"
    torch_index: str = ""
    kit: Kit | None = None


def make(
    env_dir: Path,
    report: Report,
    *,
    packages: Packages = WORKER,
    python: str = "",
    torch: str = "auto",
    torch_index: str = "",
    kit: Kit | None = None,
    is_anew: bool = False,
) -> Path:
    """Make or renew an environment; does nothing where it is ready.

    Args:
        env_dir: Its folder. A folder with other content is never touched.
        report: Called with a line for the user and the share of the work done, 0 to 1.
        packages: What it is to hold.
        python, torch, torch_index, kit: As in Wish.
        is_anew: Whether a ready one is made again as well.

    Returns:
        The Python inside the environment.

    Raises:
        SetupFailed: It could not be made; one that was in use still is.
    """
    env_dir = Path(env_dir).absolute()
    prepare_place(env_dir)
    with alone(env_dir):
        if is_anew or not is_ready(env_dir, packages):
            _make(env_dir, report, packages, Options(python, torch, torch_index, kit))
    report("The environment is ready", 1.0)
    return worker_python(env_dir)


@contextlib.contextmanager
def alone(env_dir: Path) -> Iterator[None]:
    """Hold the environment for oneself.

    Raises:
        SetupFailed: Another process has it.
    """
    with only_maker(env_dir, RETRY_FOR_S) as is_alone:
        if not is_alone:
            raise SetupFailed(f"Another process is making {env_dir} just now.", "Wait until it is done.")
        yield


def is_ready(env_dir: Path, packages: Packages = WORKER) -> bool:
    """Whether the environment was finished for just these packages and its Python is still there."""
    return not problems(env_dir, packages)


def _make(env_dir: Path, report: Report, packages: Packages, wish: Options) -> None:
    if wish.kit:
        require_matching_kit(wish.kit, packages)
    build = build_to_install(wish.torch)
    if packages.hashed:
        require_macos(build)
    require_free_space(env_dir.parent, max(packages.needed_gb, expected_gb(build) if packages.hashed else 0))
    report("Looking for a Python", 0.0)
    interpreter = _interpreter(packages, wish)
    mark = _begun(env_dir, packages, interpreter)
    log = _fresh_log(env_dir)
    folder = new_folder(env_dir, mark)
    try:
        _venv(env_dir / folder, interpreter, report, log)
        stamp = _filled(env_dir, env_dir / folder, report, packages, wish, build, log)
    except BaseException:
        shutil.rmtree(env_dir / folder, ignore_errors=True)
        raise
    write_stamp(env_dir / folder / FILE_NAME, stamp)
    write_mark(env_dir, Manifest("ready", packages.sha256, str(interpreter.path), folder))
    remove_others(env_dir, folder)
    remove_cache(env_dir)


def _interpreter(packages: Packages, wish: Options) -> Interpreter:
    kit = wish.kit
    if kit is None:
        return find_interpreter(packages.python_versions, wish.python)
    try:
        return find_interpreter((kit.python,), wish.python)
    except SetupFailed as error:
        raise SetupFailed(
            f"The kit in {kit.folder} is for Python {kit.python}. {error.problem.message}",
            f"Install Python {kit.python} with its venv module, or name one in the add-on's preferences (`--python`); "
            "or have the kit made for another, by scripts/offline_kit.py make --python.",
        ) from error


def _begun(env_dir: Path, packages: Packages, interpreter: Interpreter) -> Manifest:
    """The mark that shows whose folder this is; one of an environment that works is left as it is."""
    env_dir.mkdir(parents=True, exist_ok=True)
    old = read_mark(env_dir)
    if old and old.state == "ready" and has_python(env_dir, old):
        remove_others(env_dir, old.folder) if old.folder else None
        return old
    making = Manifest("making", packages.sha256, str(interpreter.path))
    write_mark(env_dir, making)
    remove_others(env_dir, "")
    return making


def _fresh_log(env_dir: Path) -> Log:
    path = log_path(env_dir)
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
    return Log(path)


def _venv(folder: Path, interpreter: Interpreter, report: Report, log: Log) -> None:
    report(f"Making an environment with Python {interpreter.version}", 0.01)
    ended = run_logged([interpreter.path, "-I", "-m", "venv", folder], log)
    if ended.code:
        raise SetupFailed(
            f"Making {folder} failed. {ended.last_line}",
            "Press Set Up again; if it stays, choose another Python or folder.",
        )


def _filled(
    env_dir: Path, folder: Path, report: Report, packages: Packages, wish: Options, build: str, log: Log
) -> SmokeTestResult:
    report("Looking for an installer", 0.03)
    tools = installer(env_dir, python_in(folder), log, is_offline=wish.kit is not None)
    _install(tools, report, packages, wish, build)
    report("Trying what was installed", INSTALLED)
    stamp = run_smoke_test(python_in(folder), packages, log)
    report("Looking at what it takes on the disk", 0.98)
    stamp = replace(stamp, tool=tools.name(), disk_bytes=disk_bytes(folder), notes=tuple(tools.notes))
    if wish.kit:
        return stamp
    words = wish_in_words(wish.torch, wish.torch_index)
    return replace(stamp, wish=words, build=build, wished_python=wish.python)


def _install(tools: Installer, report: Report, packages: Packages, wish: Options, build: str) -> None:
    kit = wish.kit
    is_own = packages.hashed is not None and tools.has_own_source()
    source = Source(build, wish.torch_index, is_own, str(kit.wheels) if kit else "", kit.torch if kit else "")
    todo = steps(packages, source)
    for index, step in enumerate(todo):
        start, end = (0.05 + (INSTALLED - 0.05) * number / len(todo) for number in (index, index + 1))
        report(f"Installing {step.what}", start)
        tools.install(step, _part(report, start, end))


def _part(report: Report, start: float, end: float) -> Report:
    return lambda message, share: report(message, start + (end - start) * share)
