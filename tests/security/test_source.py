# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that the source must not contain: unpickling, eval, shells, and network access outside of listed files."""

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
"""Dotted names of calls; np.load is included because geometry/safe_npz.py is the safer replacement."""
READ_IN_MEMORY = {("batch/shard_files.py", "tarfile.open")}
"""Reads members of limited size, and writes none of them to a disk."""
NETWORK_MODULES = {
    "socket", "urllib.request", "urllib.error", "http", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "asyncio",
    "xmlrpc", "webbrowser",
}  # fmt: skip
NETWORK_FILES = (
    "engine/weights/download/",
    "worker/rerun/relay.py",
    "worker/rerun/viewer.py",
    "doctor/checks/network.py",  # checks whether this machine's own ports can be reached
)
LOCAL_SOCKETS = ("batch/forked_makers.py", "batch/maker_template.py")
"""Use pairs of sockets between a process and its children, since only sockets can hand over open files."""
CALLS_OF_LOCAL_SOCKETS = {"socket.socketpair", "socket.send_fds", "socket.recv_fds", "socket.socket"}
METHODS_OF_A_NETWORK = (".connect", ".connect_ex", ".bind", ".listen", ".accept", ".sendto")
FORBIDDEN_METHODS = (".extract", ".extractall", ".unpack_archive", ".load_module", ".exec_module")
DRIVERS = {"driver_add", "use_module", "as_module", "app.driver_namespace"}


@cache
def calls(file: Path) -> tuple[tuple[str, ast.Call], ...]:
    """Return every call in a file with its dotted name."""
    nodes = (node for node in ast.walk(parsed(file)) if isinstance(node, ast.Call))
    return tuple((dotted(node.func), node) for node in nodes)


def dotted(node: ast.expr) -> str:
    """Return the dotted name of a callable; for the result of a call or an index, only the last part after a dot."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def relative_path(file: Path) -> str:
    return file.relative_to(PACKAGE).as_posix()


def test_no_file_makes_a_call_that_could_run_untrusted_code():
    called = {(relative_path(file), name) for file in FILES for name, _ in calls(file)}
    assert len(called) > 1000
    assert {
        (file, name) for file, name in called if name in FORBIDDEN or name.endswith(FORBIDDEN_METHODS)
    } == READ_IN_MEMORY


def test_torch_load_is_weights_only_and_no_call_uses_a_shell_or_pickles():
    for file in FILES:
        for name, call in calls(file):
            options = {item.arg: item.value.value for item in call.keywords if isinstance(item.value, ast.Constant)}
            assert name != "torch.load" or options.get("weights_only") is True, f"{relative_path(file)}:{call.lineno}"
            assert not options.get("shell"), f"{relative_path(file)}:{call.lineno}"
            assert not options.get("allow_pickle"), f"{relative_path(file)}:{call.lineno}"


def imported(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_only_downloads_and_the_live_view_import_network_modules():
    users = {
        relative_path(file) for file in FILES for name in imported(file) if {name, name.split(".")[0]} & NETWORK_MODULES
    }
    assert users
    assert {user for user in users if not user.startswith(NETWORK_FILES)} == set(LOCAL_SOCKETS)


def test_local_sockets_are_only_pairs_and_what_a_parent_has_handed_over():
    for file in LOCAL_SOCKETS:
        own = [(name, [keyword.arg for keyword in node.keywords]) for name, node in calls(PACKAGE / file)]
        assert {name for name, _ in own if name.startswith("socket.")} <= CALLS_OF_LOCAL_SOCKETS
        assert not [name for name, _ in own if name.endswith(METHODS_OF_A_NETWORK)]
        assert all(keywords == ["fileno"] for name, keywords in own if name == "socket.socket"), file


def test_only_the_restricted_unpickler_reads_pickles():
    readers = {relative_path(file) for file in FILES if any(name.split(".")[0] == "pickle" for name in imported(file))}
    assert readers == {"engine/weights/formats/restricted_unpickler.py", "engine/weights/formats/open_tensors.py"}
    assert "pickle.Unp" not in (PACKAGE / "engine/weights/formats/open_tensors.py").read_text().replace(
        "UnpicklingError", ""
    )


def test_no_file_uses_drivers_or_text_modules_of_a_blend_file():
    for file in FILES:
        assert not {name.rpartition(".")[2] for name, _ in calls(file)} & DRIVERS, relative_path(file)
