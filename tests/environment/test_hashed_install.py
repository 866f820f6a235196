# SPDX-License-Identifier: GPL-3.0-or-later
"""Only packages with a known hash are installed: real installations of tiny wheels from servers on this machine."""

import functools
import hashlib
import http.server
import sys
import threading
from pathlib import Path

import pytest

from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers import install_plan, torch_build
from blender_text3d.environment.installers.torch_build import AMD_ON_LINUX
from blender_text3d.environment.paths import log_path
from blender_text3d.environment.requirements import Packages, base_packages_file
from blender_text3d.environment.smoke_test_result import FILE_NAME, read_test_result
from tests.environment.conftest import THIS_PYTHON
from tests.environment.test_created_environment import version_in
from tests.environment.tiny_wheel import write_wheel

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("copied_venv")]


class Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder served as the public index in public/ and as PyTorch's in pytorch/."""
    folder = tmp_path / "index"
    (folder / "public").mkdir(parents=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    for module in (install_plan, torch_build):
        monkeypatch.setattr(module, "PYTORCH_INDEX", f"{address}/pytorch/")
    # The public index is not a custom source, so has_custom_source may not see its variable.
    monkeypatch.setattr("blender_text3d.environment.installers.installer.has_custom_source", lambda settings: False)
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/public")
    monkeypatch.setattr("blender_text3d.environment.create.expected_gb", lambda build: 0.01)  # the wheels are tiny
    yield folder
    server.shutdown()
    server.server_close()


def offer(page: Path, name: str, version: str, source: str = "") -> str:
    """Add a wheel to an index, and return its requirement with its hash."""
    page.mkdir(parents=True, exist_ok=True)
    wheel = write_wheel(page, name, version, source)
    (page / "index.html").write_text("".join(f'<a href="{path.name}">x</a>' for path in sorted(page.glob("*.whl"))))
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


@pytest.fixture
def hashed(tmp_path, wheels, index) -> Packages:
    """A tiny package, and torch in a CPU build and a CUDA build that depends on another package."""
    folder = tmp_path / "locked_requirements"
    folder.mkdir()
    base_packages_file(folder).write_text(offer(index / "public" / "tinyone", "tinyone", "1.0"))
    (folder / "torch_cpu.txt").write_text(offer(index / "pytorch" / "cpu" / "torch", "torch", "9.9.0+cpu"))
    (folder / "torch_cu130.txt").write_text(offer(index / "pytorch" / "cu130" / "torch", "torch", "9.9.0+cu130"))
    (folder / "torch_default.txt").write_text(offer(index / "public" / "torch", "torch", "9.9.0"))
    needs = offer(index / "public" / "tinycuda", "tinycuda", "13.0")
    (folder / "needs_cuda13.txt").write_text(needs.replace(" --hash", f" ; sys_platform == '{sys.platform}' --hash"))
    return Packages(("torch==9.9.0", "tinyone==1.0"), ("tinyone", "torch"), 0.01, (THIS_PYTHON,), hashed=folder)


def made(tmp_path, hashed, report, build):
    return create_environment(tmp_path / "env", report, packages=hashed, python=sys.executable, torch=build)


@pytest.mark.parametrize(("build", "version"), [("cpu", "9.9.0+cpu"), ("default", "9.9.0")])
def test_a_pytorch_build_is_installed_with_its_hash(build, version, tmp_path, hashed, report):
    python = made(tmp_path, hashed, report, build)
    assert version_in(tmp_path / "env", "torch") == version
    assert read_test_result(python.parents[1] / FILE_NAME).notes == ()
    log = log_path(tmp_path / "env").read_text()
    installs = [line for line in log.splitlines() if line.startswith("$") and " pip install " in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)


def test_dependencies_of_a_build_are_installed(tmp_path, hashed, report):
    made(tmp_path, hashed, report, "cu130")
    assert version_in(tmp_path / "env", "torch") == "9.9.0+cu130"
    assert version_in(tmp_path / "env", "tinycuda") == "13.0"


def test_packages_of_pytorchs_index_are_installed_from_it(tmp_path, hashed, index, report):
    page = index / "pytorch" / AMD_ON_LINUX
    both = offer(page / "torch", "torch", f"9.8.0+{AMD_ON_LINUX}") + offer(page / "tinyrocm", "tinyrocm", "7")
    (hashed.hashed / f"torch_{AMD_ON_LINUX}.txt").write_text(both)
    made(tmp_path, hashed, report, AMD_ON_LINUX)
    assert version_in(tmp_path / "env", "torch") == f"9.8.0+{AMD_ON_LINUX}"
    assert version_in(tmp_path / "env", "tinyrocm") == "7"


def test_a_build_without_dependencies_on_this_system_is_installed(tmp_path, hashed, report):
    needs = hashed.hashed / "needs_cuda13.txt"
    needs.write_text(needs.read_text().replace(f"'{sys.platform}'", "'plan9'"))
    made(tmp_path, hashed, report, "cu130")
    assert version_in(tmp_path / "env", "torch") == "9.9.0+cu130"


@pytest.mark.parametrize("build", ["cpu", "cu130"])
def test_a_changed_pytorch_is_refused(build, tmp_path, hashed, index, report):
    offer(index / "pytorch" / build / "torch", "torch", f"9.9.0+{build}", "print('changed')")
    with pytest.raises(SetupFailed, match="PyTorch failed.*unexpected hash"):
        made(tmp_path, hashed, report, build)
    assert not any(path.is_dir() for path in (tmp_path / "env").iterdir())


def test_a_changed_dependency_is_refused(tmp_path, hashed, index, report):
    offer(index / "public" / "tinycuda", "tinycuda", "13.0", "print('changed')")
    with pytest.raises(SetupFailed, match="PyTorch's dependencies failed.*unexpected hash"):
        made(tmp_path, hashed, report, "cu130")


def test_another_build_in_a_custom_source_is_installed_last_and_noted(tmp_path, hashed, index, report, monkeypatch):
    monkeypatch.setattr("blender_text3d.environment.installers.installer.has_custom_source", lambda settings: True)
    (tmp_path / "own").mkdir()
    write_wheel(tmp_path / "own", "torch", "9.9.0+cpu", "built_by = 'me'")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "own"))
    (index / "pytorch" / "cpu" / "torch" / "index.html").write_text("")
    python = made(tmp_path, hashed, report, "cpu")
    (note,) = read_test_result(python.parents[1] / FILE_NAME).notes
    assert "PyTorch cpu was installed without a known hash: your own package source" in note


def test_a_build_without_a_known_hash_is_noted(tmp_path, hashed, index, report):
    offer(index / "pytorch" / "cu999" / "torch", "torch", "9.9.0+cu999")
    python = create_environment(tmp_path / "env", report, packages=hashed, python=sys.executable, torch="cu999")
    (note,) = read_test_result(python.parents[1] / FILE_NAME).notes
    assert note == "PyTorch cu999 was installed without a known hash: the add-on has none for this build."
