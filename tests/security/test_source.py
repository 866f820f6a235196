# SPDX-License-Identifier: GPL-3.0-or-later
"""What the source never does: unpickle, evaluate, run a shell, open an address outside of the one place that may."""

import ast
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "blender_text3d"
FILES = sorted(PACKAGE.rglob("*.py"))

FORBIDDEN = {
    "eval", "exec", "compile", "__import__", "input", "breakpoint", "globals",
    "pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open", "dill.load",
    "joblib.load", "cloudpickle.load", "yaml.load", "yaml.unsafe_load", "torch.jit.load", "torch.hub.load",
    "torch.compile", "torch.save", "np.memmap", "np.fromfile", "np.loadtxt", "np.genfromtxt", "np.load",
    "os.system", "os.popen", "os.execv", "os.execvp", "os.startfile", "subprocess.getoutput", "runpy.run_path",
    "runpy.run_module", "ctypes.CDLL.LoadLibrary", "tempfile.mktemp", "shutil.unpack_archive", "extractall",
    "archive.extract", "archive.extractall", "tarfile.open", "importlib.reload",
}  # fmt: skip
"""By the name they are called by; np.load too, since geometry/safe_npz.py reads what it reads with more care."""
NETWORK = {
    "socket", "urllib.request", "urllib.error", "http", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "asyncio",
    "xmlrpc", "webbrowser",
}  # fmt: skip
NETWORK_PLACES = (
    "engine/weights/download/",
    "worker/rerun/relay.py",
    "worker/rerun/viewer.py",
    "doctor/checks/network.py",  # looks whether this machine's own ports can be reached
)
FORBIDDEN_METHODS = (".extractall", ".unpack_archive", ".load_module", ".exec_module")
DRIVERS = {"driver_add", "use_module", "as_module", "app.driver_namespace"}


@cache
def calls(file: Path) -> tuple[tuple[str, ast.Call], ...]:
    """Every call in a file, by the dotted name that stands there."""
    nodes = (node for node in ast.walk(parsed(file)) if isinstance(node, ast.Call))
    return tuple((dotted(node.func), node) for node in nodes)


def dotted(node: ast.expr) -> str:
    """The name of what is called; of what a call or an index gave, only the last part, after a dot."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def place(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def test_no_file_calls_what_could_run_a_strangers_code():
    called = {(place(file), name) for file in FILES for name, _ in calls(file)}
    assert len(called) > 1000
    assert {(file, name) for file, name in called if name in FORBIDDEN or name.endswith(FORBIDDEN_METHODS)} == set()


def test_what_may_be_called_in_one_way_is_called_in_that_way():
    for file in FILES:
        for name, call in calls(file):
            given = {word.arg: word.value.value for word in call.keywords if isinstance(word.value, ast.Constant)}
            assert name != "torch.load" or given.get("weights_only") is True, f"{place(file)}:{call.lineno}"
            assert not given.get("shell") and not given.get("allow_pickle"), f"{place(file)}:{call.lineno}"


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_only_downloads_and_the_live_view_import_what_reaches_a_network():
    users = {place(file) for file in FILES for name in imported(file) if {name, name.split(".")[0]} & NETWORK}
    assert users and {user for user in users if not user.startswith(NETWORK_PLACES)} == set()


def test_pickles_are_read_by_the_strict_reader_alone():
    readers = {place(file) for file in FILES if any(name.split(".")[0] == "pickle" for name in imported(file))}
    assert readers == {"engine/weights/formats/restricted_unpickler.py", "engine/weights/formats/open_tensors.py"}
    assert "pickle.Unp" not in (PACKAGE / "engine/weights/formats/open_tensors.py").read_text().replace(
        "UnpicklingError", ""
    )


def test_no_handler_or_driver_of_a_blend_file_is_ours():
    for file in FILES:
        assert not {name.rpartition(".")[2] for name, _ in calls(file)} & DRIVERS, place(file)
