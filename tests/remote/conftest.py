"""A server with the scripted engine, and sessions whose worker is there."""

import os
import sys
from pathlib import Path

import pytest

from blender_text3d.client.session import Session
from blender_text3d.remote.check import check
from blender_text3d.remote.host import SSH_VARIABLE, RemoteHost
from tests.remote.scripted_there import SCRIPTED_THERE
from tests.remote.ssh_server import SSHD, SshServer
from tests.worker.scripted_python import scripted_python


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server, which runs; each test finds it running and without connections."""
    if SSHD is None:
        pytest.skip("there is no sshd: install openssh-server")
    folder = tmp_path_factory.mktemp("ssh")
    server = SshServer(folder, {"TEXT3D_WORKER_PYTHON": str(scripted_python(folder, SCRIPTED_THERE))})
    server.start()
    send_package(server)
    yield server
    server.stop()


def send_package(server: SshServer) -> None:
    """Have the package there, so that no test depends on another one that was first."""
    os.environ[SSH_VARIABLE] = server.write_client_config("none")
    verdict = check(RemoteHost("there", python=sys.executable))
    del os.environ[SSH_VARIABLE]
    assert (server.home / "remote-code").is_dir(), verdict.text


@pytest.fixture
def connect(server, tmp_path, monkeypatch):
    """A function that creates sessions whose worker is on the server; their relays are killed afterwards."""
    sessions = []

    def make(*flags: str, ssh: str = "", host: RemoteHost | None = None, **choices) -> Session:
        monkeypatch.setenv(SSH_VARIABLE, ssh or server.write_client_config("none"))
        session = Session(tmp_path / "jobs", Path(sys.executable), **choices)
        host = host or RemoteHost("there", python=sys.executable)
        session.worker.relay = (*flags, *host.arguments())
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.worker.kill()
    server.cut()
