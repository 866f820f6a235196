# SPDX-License-Identifier: GPL-3.0-or-later
"""The choice of the installer, its configuration, and what happens if it fails."""

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
    """A double of uv or pip that raises the given errors in turn, and records its arguments."""

    def __init__(self, *errors):
        self.errors, self.calls = list(errors), []

    def install(self, arguments, name, report):
        self.calls.append(arguments)
        if self.errors:
            raise self.errors.pop(0)


def test_uv_is_configured_as_pip_is():
    variables = uv_variables(parse_pip_config(CONFIGURED))
    assert variables == {
        "UV_DEFAULT_INDEX": "https://mirror/simple",
        "UV_INDEX": "file:///here https://there/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_HTTP_TIMEOUT": "180",
        "SSL_CERT_FILE": "/ca.crt",
    }


def test_the_users_variables_for_uv_are_kept(monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine/simple")
    monkeypatch.setenv("SSL_CERT_FILE", "/mine.crt")
    assert uv_variables(parse_pip_config(CONFIGURED)) == {"UV_HTTP_TIMEOUT": "180"}
    assert has_custom_source({})


def test_without_configuration_uv_uses_the_systems_certificates():
    assert uv_variables({}) == {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    assert not has_custom_source({"cert": "/ca.crt"})


@pytest.mark.parametrize("name", ["UV_SYSTEM_CERTS", "UV_NATIVE_TLS", "SSL_CERT_DIR"])
def test_the_users_certificates_for_uv_are_kept(name, monkeypatch):
    monkeypatch.setenv(name, "0")
    assert uv_variables({}) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="the file is elsewhere on Windows")
def test_certificates_in_the_configuration_file_of_uv_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text("native-tls = false\n")
    assert uv_variables({}) == {}


def test_an_installed_uv_has_a_cache_next_to_the_environment_and_the_users_uv_keeps_its_own(tmp_path, monkeypatch):
    installed = tmp_path / "env" / "uv" / "bin" / "uv"
    variables = uv_cache_variables(tmp_path / "env", installed)
    assert variables["UV_CACHE_DIR"] == str(tmp_path / "env" / "uv-cache")
    assert variables["UV_LINK_MODE"] in ("clone", "hardlink")
    assert uv_cache_variables(tmp_path / "env", tmp_path / "bin" / "uv") == {}
    monkeypatch.setenv("UV_CACHE_DIR", "/fast")
    assert uv_cache_variables(tmp_path / "env", installed) == {}


def test_an_index_url_is_the_only_index_of_uv():
    arguments, variables = uv_index_arguments(("--index-url", "https://own", "torch==1.0"))
    assert arguments == ("--default-index", "https://own", "torch==1.0")
    assert {"UV_INDEX": "", "UV_DEFAULT_INDEX": ""}.items() <= variables.items()
    assert uv_index_arguments(("numpy",)) == (("numpy",), {})


@pytest.fixture
def pages(tmp_path):
    """Two indexes with a torch of the same version: their URLs and the paths requested from each."""
    servers = {}
    for name in ("mirror", "named"):
        page = tmp_path / name / "torch"
        page.mkdir(parents=True)
        wheel = write_wheel(page, "torch", "1.0", f"origin = {name!r}")
        (page / "index.html").write_text(f'<a href="{wheel.name}">x</a>')
        servers[name] = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Recorder, directory=tmp_path / name))
        servers[name].requests = []
        threading.Thread(target=servers[name].serve_forever, daemon=True).start()
    yield {name: (f"http://127.0.0.1:{server.server_port}", server.requests) for name, server in servers.items()}
    for server in servers.values():
        server.shutdown()
        server.server_close()


class Recorder(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        self.server.requests.append(self.path)


@pytest.mark.skipif(UV_FILE is None, reason="uv is neither next to this Python nor on PATH")
@pytest.mark.parametrize("place", ["pip's index-url", "pip's extra-index-url", "uv.toml", "uv's file of another name"])
def test_the_real_uv_requests_only_the_given_index(place, pages, tmp_path, monkeypatch, report):
    (mirror, mirror_requests), (named, named_requests) = pages["mirror"], pages["named"]
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
    assert named_requests
    assert not mirror_requests
    result = subprocess.run([tool.python, "-c", "import torch; print(torch.origin)"], capture_output=True, text=True)
    assert result.stdout == "named\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the file is elsewhere on Windows")
@pytest.mark.parametrize(
    ("text", "is_custom"),
    [
        ('[[index]]\nurl = "https://mine/simple"\n', True),
        ('[pip]\nindex-url = "https://mine/simple"\n', True),
        ('find-links = ["/wheels"]\n', True),
        ('# index-url = "https://mine/simple"\nnative-tls = true\n', False),
    ],
)
def test_a_source_in_the_configuration_file_of_uv_is_custom(text, is_custom, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not has_custom_source({})
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text(text)
    assert has_custom_source({}) is is_custom


def test_pip_installs_if_uv_fails_and_the_log_has_the_reason(tmp_path, report):
    uv, pip, log = Tool(SetupFailed("uv broke.", "Why?")), Tool(), Log(tmp_path / "log")
    installer = Installer(pip, uv, log)
    installer.install(InstallStep("the packages", (("one",),), ("",)), report)
    assert pip.calls == uv.calls == [("one",)]
    assert installer.uv is None
    assert "uv failed (uv broke. Why?); using pip instead." in log.path.read_text()


@pytest.mark.parametrize("output", ["error: No space left on device (os error 28)", "error: Hash mismatch for `x`"])
def test_pip_is_not_tried_if_it_would_fail_in_the_same_way(output, report):
    pip = Tool()
    with pytest.raises(SetupFailed, match="disk is full|unexpected hash"):
        Installer(pip, Tool(install_error(output, "PyTorch", "uv")), Log()).install(
            InstallStep("x", (("one",),), ("",)), report
        )
    assert pip.calls == []


def test_another_build_of_pytorch_from_a_custom_source_is_installed_and_noted(report):
    (_, torch) = install_steps(WORKER, PackageSource("default", is_custom=True))
    installer = Installer(Tool(install_error("THESE PACKAGES DO NOT MATCH THE HASHES", "PyTorch")), None, Log())
    installer.install(torch, report)
    hashed, unhashed = installer.pip.calls
    assert "--require-hashes" in hashed
    assert "--require-hashes" not in unhashed
    assert "without a known hash" in installer.notes[0]


def test_another_build_of_pytorch_from_the_public_index_is_refused(report):
    (_, torch) = install_steps(WORKER, PackageSource("default", is_custom=False))
    installer = Installer(Tool(install_error("THESE PACKAGES DO NOT MATCH THE HASHES", "PyTorch")), None, Log())
    with pytest.raises(SetupFailed, match="unexpected hash"):
        installer.install(torch, report)


def test_a_custom_index_is_the_only_source_of_pytorch(tmp_path):
    (_, torch) = install_steps(WORKER, PackageSource("own", "https://mine/simple"))
    assert [attempt[-3:] for attempt in torch.attempts] == [("--index-url", "https://mine/simple", "torch==2.13.0")]
    (_, torch) = install_steps(WORKER, PackageSource("own", str(tmp_path)))
    assert [attempt[-3:] for attempt in torch.attempts] == [("--find-links", str(tmp_path), "torch==2.13.0")]


def test_a_kit_is_the_only_source(tmp_path):
    for step in install_steps(WORKER, PackageSource("cpu", kit_wheels=str(tmp_path), kit_torch="2.13.0+cpu")):
        (attempt,) = step.attempts
        assert attempt[:3] == ("--no-index", "--find-links", str(tmp_path))
        assert "--index-url" not in attempt


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script replaces uv")
def test_a_uv_on_path_is_used_with_its_variables(tmp_path, monkeypatch, report):
    uv = tmp_path / "uv"
    uv.write_text(f'#!/bin/sh\necho "uv 9.9.9"\necho "$UV_FIND_LINKS $@" >> "{tmp_path}/calls"\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    found = find_uv(tmp_path, Tool(), Log())
    tool = Uv(found, python, {"UV_FIND_LINKS": "/wheels"}, Log())
    tool.install(("numpy",), "the packages", report)
    assert found == uv
    assert tool.name() == "uv 9.9.9"
    calls = (tmp_path / "calls").read_text()
    assert f"/wheels pip install --python {python} --compile-bytecode --color never numpy" in calls


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script replaces uv")
def test_a_broken_uv_is_skipped_and_none_is_installed_offline(tmp_path, monkeypatch):
    broken = tmp_path / "uv"
    broken.write_text("#!/bin/sh\nexit 126\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    pip = Tool(SetupFailed("There is no network.", "Connect."))
    assert find_uv(tmp_path / "env", pip, Log(), may_download=False) is None
    assert pip.calls == []
    assert find_uv(tmp_path / "env", pip, Log()) is None
    assert "--require-hashes" in pip.calls[0]


def test_a_line_of_pip_is_shortened_for_a_progress_bar():
    assert _shortened("  Downloading numpy-2.4.6-cp311.whl (16.9 MB)", "x") == "Downloading numpy-2.4.6-cp311.whl"
    assert _shortened("Processing /kit/wheels/a.whl (from -r /x.txt (line 3))", "x") == "Processing a.whl"
    assert _shortened("Installing collected packages: b, c", "the packages") == "Installing the packages"


def test_uv_is_compiling_after_its_last_line():
    assert progress_line("Installed 23 packages in 1.52s\n") == "Compiling the packages"
    assert progress_line(" Downloading numpy (15.9MiB)\n") == "Downloading numpy (15.9MiB)"
