# SPDX-License-Identifier: GPL-3.0-or-later
"""With which tool packages are installed, what it is told, and what happens where it fails."""

import http.server
import os
import shutil
import subprocess
import sys
import threading
import venv
from functools import partial
from pathlib import Path

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.install_errors import install_error
from blender_text3d.environment.installers.install_plan import InstallStep, PackageSource, install_steps
from blender_text3d.environment.installers.installer import Installer
from blender_text3d.environment.installers.pip import _shortened
from blender_text3d.environment.installers.pip_config import (
    has_custom_source,
    parse_pip_config,
    uv_index_arguments,
    uv_variables,
)
from blender_text3d.environment.installers.uv import Uv, find_uv, progress_line, uv_cache_variables
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER
from blender_text3d.system.run_logged import Log
from tests.environment.tiny_wheel import write_wheel

UV_FILE = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
CONFIGURED = """:env:.find-links='/wheels /more'
:env:.default-timeout='180'
freeze.all='yes'
global.cert='/ca.crt'
global.find-links='/old'
global.index-url='https://mirror/simple'
install.extra-index-url='file:///here https://there/simple'
""".splitlines()


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    for name in ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX",
                 "UV_CONFIG_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "UV_HTTP_TIMEOUT", "UV_INDEX_STRATEGY",
                 "UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "UV_CACHE_DIR", "UV_NO_CACHE", "UV_LINK_MODE"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


class Tool:
    """Takes the place of uv or pip: fails so often, and remembers what it was asked."""

    def __init__(self, *errors):
        self.errors, self.asked = list(errors), []

    def install(self, arguments, what, report):
        self.asked.append(arguments)
        if self.errors:
            raise self.errors.pop(0)


def test_uv_is_told_what_pip_is_told():
    told = uv_variables(parse_pip_config(CONFIGURED))
    assert told == {
        "UV_DEFAULT_INDEX": "https://mirror/simple",
        "UV_INDEX": "file:///here https://there/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_HTTP_TIMEOUT": "180",
        "SSL_CERT_FILE": "/ca.crt",
    }


def test_what_the_user_told_uv_is_left_as_it_is(monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine/simple")
    monkeypatch.setenv("SSL_CERT_FILE", "/mine.crt")
    assert uv_variables(parse_pip_config(CONFIGURED)) == {"UV_HTTP_TIMEOUT": "180"}
    assert has_custom_source({})


def test_without_any_setting_packages_come_from_the_public_index_by_the_systems_certificates():
    assert uv_variables({}) == {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    assert not has_custom_source({"cert": "/ca.crt"})


@pytest.mark.parametrize("name", ["UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "SSL_CERT_DIR"])
def test_where_the_user_told_uv_of_certificates_those_of_the_system_are_not_named(name, monkeypatch):
    monkeypatch.setenv(name, "0")
    assert uv_variables({}) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="about where other systems keep it")
def test_certificates_in_the_users_file_of_uv_count_too(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text("native-tls = false\n")
    assert uv_variables({}) == {}


def test_our_uv_has_a_cache_beside_the_environments_and_the_users_own_keeps_its(tmp_path, monkeypatch):
    ours = tmp_path / "env" / "uv" / "bin" / "uv"
    told = uv_cache_variables(tmp_path / "env", ours)
    assert told["UV_CACHE_DIR"] == str(tmp_path / "env" / "uv-cache") and told["UV_LINK_MODE"] in ("clone", "hardlink")
    assert uv_cache_variables(tmp_path / "env", tmp_path / "bin" / "uv") == {}
    monkeypatch.setenv("UV_CACHE_DIR", "/fast")
    assert uv_cache_variables(tmp_path / "env", ours) == {}


def test_an_index_that_is_named_is_the_only_one_in_uvs_words():
    words, variables = uv_index_arguments(("--index-url", "https://own", "torch==1.0"))
    assert words == ("--default-index", "https://own", "torch==1.0")
    assert {"UV_INDEX": "", "UV_DEFAULT_INDEX": ""}.items() <= variables.items()
    assert uv_index_arguments(("numpy",)) == (("numpy",), {})


@pytest.fixture
def pages(tmp_path):
    """Two indexes with a torch of the same version: gives their addresses and what each was asked for."""
    servers = {}
    for name in ("mirror", "named"):
        page = tmp_path / name / "torch"
        page.mkdir(parents=True)
        wheel = write_wheel(page, "torch", "1.0", f"origin = {name!r}")
        (page / "index.html").write_text(f'<a href="{wheel.name}">x</a>')
        servers[name] = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Asked, directory=tmp_path / name))
        servers[name].asked = []
        threading.Thread(target=servers[name].serve_forever, daemon=True).start()
    yield {name: (f"http://127.0.0.1:{server.server_port}", server.asked) for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


class Asked(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        self.server.asked.append(self.path)


@pytest.mark.skipif(UV_FILE is None, reason="there is no uv beside this Python and none on PATH")
@pytest.mark.parametrize("place", ["pip's index-url", "pip's extra-index-url", "uv.toml", "uv's file of another name"])
def test_the_real_uv_asks_only_the_index_that_is_named(place, pages, tmp_path, monkeypatch, report):
    (mirror, asked_mirror), (named, asked_named) = pages["mirror"], pages["named"]
    settings = {"index-url": mirror} if "index-url" in place else {}
    settings = {"extra-index-url": mirror} if "extra" in place else settings
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text(f'[[index]]\nurl = "{mirror}"\n')
    if place == "uv.toml":
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    if "another" in place:
        monkeypatch.setenv("UV_CONFIG_FILE", str(tmp_path / "uv" / "uv.toml"))
    venv.create(tmp_path / "env", with_pip=False)
    variables = uv_variables(settings) | {"UV_CACHE_DIR": str(tmp_path / "cache")}
    tool = Uv(Path(UV_FILE), venv_python(tmp_path / "env"), variables, Log())
    tool.install(("--only-binary", ":all:", "--index-url", named, "torch==1.0"), "PyTorch", report)
    assert asked_named and not asked_mirror
    said = subprocess.run([tool.python, "-c", "import torch; print(torch.origin)"], capture_output=True, text=True)
    assert said.stdout == "named\n"


@pytest.mark.skipif(sys.platform == "win32", reason="about where other systems keep it")
@pytest.mark.parametrize(
    ("said", "is_own"),
    [
        ('[[index]]\nurl = "https://mine/simple"\n', True),
        ('[pip]\nindex-url = "https://mine/simple"\n', True),
        ('find-links = ["/wheels"]\n', True),
        ('# index-url = "https://mine/simple"\nnative-tls = true\n', False),
    ],
)
def test_a_source_in_the_users_file_of_uv_counts_as_the_users_own(said, is_own, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not has_custom_source({})
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text(said)
    assert has_custom_source({}) is is_own


def test_where_uv_fails_pip_does_it_and_the_log_says_so(tmp_path, report):
    uv, pip, log = Tool(SetupFailed("uv broke.", "Why?")), Tool(), Log(tmp_path / "log")
    tools = Installer(pip, uv, log)
    tools.install(InstallStep("the packages", (("one",),), ("",)), report)
    assert pip.asked == uv.asked == [("one",)] and tools.uv is None
    assert "uv failed (uv broke. Why?), so pip does it." in log.path.read_text()


@pytest.mark.parametrize("said", ["error: No space left on device (os error 28)", "error: Hash mismatch for `x`"])
def test_where_pip_would_fail_in_the_same_way_it_is_not_tried(said, report):
    pip = Tool()
    with pytest.raises(SetupFailed, match="disk is full|its hash is another"):
        Installer(pip, Tool(install_error(said, "PyTorch", "uv")), Log()).install(
            InstallStep("x", (("one",),), ("",)), report
        )
    assert pip.asked == []


def test_another_build_of_pytorch_from_the_users_own_source_is_taken_and_told(report):
    (_, torch) = install_steps(WORKER, PackageSource("default", is_custom=True))
    tools = Installer(Tool(install_error("THESE PACKAGES DO NOT MATCH THE HASHES", "PyTorch")), None, Log())
    tools.install(torch, report)
    hashed, unhashed = tools.pip.asked
    assert "--require-hashes" in hashed and "--require-hashes" not in unhashed
    assert "without a hash that we know" in tools.notes[0]


def test_another_build_of_pytorch_from_the_public_index_is_refused(report):
    (_, torch) = install_steps(WORKER, PackageSource("default", is_custom=False))
    tools = Installer(Tool(install_error("THESE PACKAGES DO NOT MATCH THE HASHES", "PyTorch")), None, Log())
    with pytest.raises(SetupFailed, match="its hash is another"):
        tools.install(torch, report)


def test_an_own_index_is_the_only_one_that_is_asked_for_pytorch(tmp_path):
    (_, torch) = install_steps(WORKER, PackageSource("own", "https://mine/simple"))
    assert [attempt[-3:] for attempt in torch.attempts] == [("--index-url", "https://mine/simple", "torch==2.13.0")]
    (_, torch) = install_steps(WORKER, PackageSource("own", str(tmp_path)))
    assert [attempt[-3:] for attempt in torch.attempts] == [("--find-links", str(tmp_path), "torch==2.13.0")]


def test_a_kit_is_the_only_source_where_there_is_one(tmp_path):
    for step in install_steps(WORKER, PackageSource("cpu", kit_wheels=str(tmp_path), kit_torch="2.13.0+cpu")):
        (attempt,) = step.attempts
        assert attempt[:3] == ("--no-index", "--find-links", str(tmp_path)) and "--index-url" not in attempt


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for uv")
def test_a_uv_on_path_is_used_with_the_variables_it_is_to_know(tmp_path, monkeypatch, report):
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "uv 9.9.9"\necho "$UV_FIND_LINKS $@" >> "{tmp_path}/said"\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    found = find_uv(tmp_path, Tool(), Log())
    tool = Uv(found, python, {"UV_FIND_LINKS": "/wheels"}, Log())
    tool.install(("numpy",), "the packages", report)
    assert found == uv and tool.name() == "uv 9.9.9"
    said = (tmp_path / "said").read_text()
    assert f"/wheels pip install --python {python} --compile-bytecode --color never numpy" in said


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for uv")
def test_a_uv_that_does_not_run_is_passed_over_and_none_is_brought_when_offline(tmp_path, monkeypatch):
    broken = tmp_path / "uv"
    broken.write_text("#!/bin/sh\nexit 126\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    pip = Tool(SetupFailed("There is no network.", "Connect."))
    assert find_uv(tmp_path / "env", pip, Log(), may_download=False) is None and pip.asked == []
    assert find_uv(tmp_path / "env", pip, Log()) is None and "--require-hashes" in pip.asked[0]


def test_a_line_of_pip_is_cut_to_what_a_progress_bar_can_hold():
    assert _shortened("  Downloading numpy-2.4.6-cp311.whl (16.9 MB)", "x") == "Downloading numpy-2.4.6-cp311.whl"
    assert _shortened("Processing /kit/wheels/a.whl (from -r /x.txt (line 3))", "x") == "Processing a.whl"
    assert _shortened("Installing collected packages: b, c", "the packages") == "Installing the packages"


def test_after_uv_has_installed_it_is_said_that_it_compiles():
    assert progress_line("Installed 23 packages in 1.52s\n") == "Compiling what was installed"
    assert progress_line(" Downloading numpy (15.9MiB)\n") == "Downloading numpy (15.9MiB)"
