# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of a setup report what happened and what to do next."""

import os
import sys
from pathlib import Path

import pytest

from blender_text3d.environment.check import find_problems
from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers.install_errors import install_error
from blender_text3d.environment.installers.install_plan import InstallStep
from blender_text3d.environment.installers.installer import Installer
from blender_text3d.environment.target_folder import prepare_target_folder
from blender_text3d.system.run_logged import Log
from tests.environment.conftest import tiny_packages


@pytest.mark.slow
@pytest.mark.usefixtures("copied_venv")
def test_a_missing_network_is_reported(tmp_path, wheels, tiny, report, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(SetupFailed, match="could not be reached.*Check the connection"):
        create_environment(tmp_path / "env", report, packages=tiny, python=sys.executable)


@pytest.mark.slow
@pytest.mark.usefixtures("copied_venv")
def test_a_package_missing_from_the_index_is_named(tmp_path, wheels, report):
    with pytest.raises(SetupFailed, match="no nosuchpackage==3.0"):
        create_environment(
            tmp_path / "env", report, packages=tiny_packages("nosuchpackage==3.0"), python=sys.executable
        )


def test_a_lack_of_space_is_reported_before_anything_is_created(tmp_path, report):
    with pytest.raises(SetupFailed, match=r"needs about 1000000 GB, but .* has [\d.]+ GB free"):
        create_environment(tmp_path / "env", report, packages=tiny_packages("tinyone", needed_gb=1e6))
    assert not (tmp_path / "env").exists()


def test_an_unwritable_folder_is_named(tmp_path, report, tiny):
    (tmp_path / "file").touch()
    with pytest.raises(SetupFailed, match="file.* cannot be written"):
        create_environment(tmp_path / "file" / "env", report, packages=tiny)


def test_a_folder_with_other_files_is_never_touched(tmp_path, report, tiny):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SetupFailed, match="contains other files"):
        create_environment(tmp_path, report, packages=tiny)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert "contains other files" in find_problems(tmp_path, tiny)[0].message


def test_an_empty_folder_is_accepted(tmp_path):
    (tmp_path / "env").mkdir()
    prepare_target_folder(tmp_path / "env")


@pytest.mark.skipif(os.name == "nt", reason="a shell script replaces the interpreter")
def test_a_chosen_python_that_does_not_run_is_named(tmp_path, report, tiny):
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    with pytest.raises(SetupFailed, match="python3 is not a working Python"):
        create_environment(tmp_path / "env", report, packages=tiny, python=str(broken))


PIP_OUTPUT = {
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device": "disk is full",
    "WARNING: Retrying ... NewConnectionError('Failed to establish a new connection: [Errno -3] Temporary failure in "
    "name resolution')\nERROR: No matching distribution found for torch==2.13.0": "could not be reached",
    "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] ...'))": "certificate was not accepted",
    "ProxyError('Cannot connect to proxy.', OSError('407 Proxy Authentication Required'))": "proxy refused",
    "ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'x.pyd'": "not be written",
    "Something\nERROR: never seen before": "pip reported: ERROR: never seen before",
}


@pytest.mark.parametrize("output", PIP_OUTPUT, ids=PIP_OUTPUT.values())
def test_the_output_of_pip_becomes_a_message_with_a_fix(output):
    problem = install_error(output, "the packages").problem
    assert PIP_OUTPUT[output] in problem.message
    assert problem.fix.endswith(".")


CACHE_OUTPUT = {
    "error: Failed to initialize cache at `.cache/uv`\n  cause: failed to create directory `/home/me/.cache/uv`: "
    "Permission denied (os error 13)": ("A file could not be written: /home/me/.cache/uv.", "Allow writing there"),
    "  cause: failed to write to file `/home/me/.cache/uv/x/.tmp5`: No space left on device (os error 28)": (
        "The disk is full: /home/me/.cache/uv/x/.tmp5.", "Free some space there"),
    "cause: failed to copy file from /data/env/uv-cache/a to /var/tmp/b: No space left on device (os error 28)": (
        "The disk is full.", "choose another folder"),
    "cause: failed to copy file from /home/me/.cache/uv/a to /var/tmp/.tmpw5: No space left on device (os error 28)": (
        "The disk is full: /var/tmp/.tmpw5.", "Free some space there"),
    "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/tmp/my files/x'": (
        "A file could not be written: /tmp/my files/x.", "Allow writing there"),
    "ERROR: [Errno 13] Permission denied: '/data/env/1/lib/x.py'": (
        "A file could not be written.", "Choose a writable folder"),
    "OSError: [Errno 28] No space left on device": ("The disk is full.", "including in the folder for temporary files"),
    "[WinError 5] Access is denied: 'C:\\\\Users\\\\me\\\\uv\\\\x'": (
        "A file could not be written: C:\\Users\\me\\uv\\x.", "Allow writing there"),
}  # fmt: skip


@pytest.mark.parametrize("output", CACHE_OUTPUT)
def test_a_failure_outside_the_environments_folder_names_the_path_and_allows_another_installer(output):
    error = install_error(output, "the packages", "uv", Path("/data/env"))
    cause, fix = CACHE_OUTPUT[output]
    assert error.problem.message == f"Installing the packages failed. {cause}"
    assert fix in error.problem.fix
    assert bool(error.reason) is (": " not in cause)


def test_pip_installs_if_only_the_cache_of_uv_is_not_writable(report):
    class Refused:
        def install(self, arguments, name, report):
            raise install_error(next(iter(CACHE_OUTPUT)), name, "uv", Path("/data/env"))

    class Works:
        def install(self, arguments, name, report):
            pass

    tools = Installer(Works(), Refused(), Log())
    tools.install(InstallStep("the packages", (("tinyone",),), ("",)), report)
    assert tools.uv is None
