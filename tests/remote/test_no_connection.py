"""Every reason for which there is no connection has a sentence of its own, with what to do next."""

import os
import shutil
import sys
import time

import pytest

from blender_text3d.remote.connection import Connection
from blender_text3d.remote.host import SSH_VARIABLE, InvalidHost, RemoteHost
from tests.remote.ssh_server import HANG_S, free_port

THERE = RemoteHost("there", python=sys.executable)


@pytest.fixture
def trouble_of(server, monkeypatch):
    """A function that connects, and returns the trouble, or None for a connection."""

    def connect(host=THERE, ssh=""):
        monkeypatch.setenv(SSH_VARIABLE, ssh or server.write_client_config("none"))
        connection = Connection(host, ["--session", "test"])
        connection.start()
        deadline = time.monotonic() + HANG_S
        while not (connection.is_open or connection.trouble):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        found = connection.trouble
        connection.close()
        return found

    return connect


def test_a_connection_has_no_trouble(trouble_of):
    assert trouble_of() is None


def test_a_host_whose_key_is_unknown_is_named(trouble_of, server):
    keys = server.folder / "known_hosts"
    known = keys.read_text()
    keys.write_text("")
    found = trouble_of()
    keys.write_text(known)
    assert found.message == "The host key of there is not known on this machine."
    assert found.is_final


def test_a_host_whose_key_has_changed_is_named(trouble_of, server):
    keys = server.folder / "known_hosts"
    known = keys.read_text()
    keys.write_text(
        f"[127.0.0.1]:{server.port} {' '.join((server.folder / 'other_key.pub').read_text().split()[:2])}\n"
    )
    found = trouble_of()
    keys.write_text(known)
    assert found.message == "The host key of there has changed."
    assert found.is_final


def test_a_key_that_is_not_accepted_is_named(trouble_of, server):
    found = trouble_of(ssh=server.write_client_config("none", key="other_key"))
    assert found.message == "there refused the login: permission denied."
    assert found.is_final


def test_a_port_without_a_server_is_tried_again(trouble_of):
    found = trouble_of(THERE._replace(name="127.0.0.1", port=free_port()))
    assert found.message == "127.0.0.1 refused the connection."
    assert not found.is_final


def test_a_name_that_nobody_has_is_named(trouble_of):
    found = trouble_of(THERE._replace(name="somebody@nowhere.invalid"))
    assert found.message == "There is no machine with the name nowhere.invalid."


def test_an_ssh_that_is_missing_is_named(trouble_of):
    found = trouble_of(ssh="/nowhere/ssh")
    assert found.message == "The program ssh cannot be started on this machine (No such file or directory)."
    assert found.is_final


def test_an_option_of_ssh_is_no_host():
    for name in ("-oProxyCommand=date", "", "a b", "there;date", "there`date`", "$(date)", "a\nb", "x" * 300):
        with pytest.raises(InvalidHost, match="is not a host"):
            RemoteHost(name).check()


def test_a_port_out_of_range_is_no_port():
    with pytest.raises(InvalidHost, match="is not a port"):
        RemoteHost("there", 65536).check()


def test_a_machine_without_an_environment_is_told_how_to_get_one(trouble_of):
    found = trouble_of(RemoteHost("there"))
    assert found.message == "Text3D is not set up on there: it has no Python environment there."
    assert "blender_text3d.remote there environment make" in found.fix


def test_the_environment_of_set_up_is_found_there(trouble_of, server):
    python = server.home / "worker-env" / "1" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    try:
        assert trouble_of(RemoteHost("there")) is None
    finally:
        shutil.rmtree(server.home / "worker-env")


def test_a_python_command_that_does_not_exist_is_named(trouble_of):
    found = trouble_of(RemoteHost("there", python="/nowhere/python"))
    assert found.message == "The Python command /nowhere/python cannot be run on there."
    assert found.is_final


def test_a_python_that_is_too_old_is_named(trouble_of, server):
    old = server.folder / "old python"
    old.write_text(f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 8, 1); $2" \n')
    old.chmod(0o755)
    found = trouble_of(RemoteHost("there", python=f"'{old}'"))
    assert found.message == "The Python on there is 3.8; 3.11 or newer is needed."


def test_a_program_that_is_no_python_is_named(trouble_of):
    found = trouble_of(RemoteHost("there", python="cat"))
    assert "there" in found.message


def test_what_login_scripts_print_is_skipped(trouble_of, server):
    noisy = server.folder / "noisy"
    noisy.write_text(f'#!/bin/sh\necho "Welcome to there"; printf "no newline"\nexec {sys.executable} "$@"\n')
    noisy.chmod(0o755)
    assert trouble_of(RemoteHost("there", python=str(noisy))) is None


def test_a_disk_without_room_for_the_package_is_named(trouble_of, server):
    code = server.home / "remote-code"
    shutil.rmtree(code, ignore_errors=True)
    found = trouble_of(RemoteHost("there", python=f"prlimit --fsize=100000 {sys.executable}"))
    shutil.rmtree(code)
    assert found.message.startswith("The data folder on there cannot be written (")
    assert "File too large" in found.message
    assert trouble_of() is None


def test_another_version_there_is_named(trouble_of, server):
    assert trouble_of() is None
    (version,) = (server.home / "remote-code").glob("*/blender_text3d/protocol/version.py")
    content = version.read_text()
    version.unlink()
    version.write_text(content.replace('"0.1.0"', '"0.0.9"'))
    os.utime(version, (0, 0))
    found = trouble_of()
    shutil.rmtree(server.home / "remote-code")
    assert found.message == "there runs version 0.0.9 of the add-on, this machine 0.1.0."
    assert found.is_final


def test_a_change_of_the_package_sends_only_what_has_changed(trouble_of, server, monkeypatch):
    assert trouble_of() is None
    contents = server.home / "remote-code" / "files"
    before = {path.name: path.stat().st_mtime_ns for path in contents.iterdir()}
    from blender_text3d.remote import package_files as module

    small = server.folder / "small" / "blender_text3d"
    shutil.copytree(module.PACKAGE, small, ignore=shutil.ignore_patterns("__pycache__", "addon", "scene"))
    (small / "protocol" / "caption.py").write_text("# changed\n")
    monkeypatch.setattr(module, "PACKAGE", small)
    assert trouble_of() is None
    after = {path.name: path.stat().st_mtime_ns for path in contents.iterdir()}
    assert len(after) == len(before) + 1
    assert after.items() >= before.items()
