"""A server with the scripted engine, and sessions whose worker is there."""

import sys
from pathlib import Path

import pytest

from blender_text3d.client.session import Session
from blender_text3d.remote.host import SSH_VARIABLE, RemoteHost
from tests.remote.ssh_server import SSHD, SshServer
from tests.worker.scripted_python import scripted_python

REPOSITORY = Path(__file__).parents[2]
# The copy of the package there comes first; the tests' modules are from the repository.
SCRIPTED_THERE = f"""
import os, runpy, sys
sys.path[:0] = [os.getcwd()]
sys.path.append({str(REPOSITORY)!r})
from tests.worker import scripted_engine
import numpy as np
result_of = scripted_engine.result_of
def with_large_latent(recipe, commands):
    result = result_of(recipe, commands)
    if "large" in commands:
        result.latent = np.random.default_rng(0).random(500_000, np.float32)
    return result
scripted_engine.result_of = with_large_latent
sys.modules["blender_text3d.engine.generate"] = sys.modules["blender_text3d.engine.device"] = scripted_engine
runpy.run_module(sys.argv[-1], run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server, which runs; each test finds it running and without connections."""
    if SSHD is None:
        pytest.skip("there is no sshd: install openssh-server")
    folder = tmp_path_factory.mktemp("ssh")
    server = SshServer(folder, {"TEXT3D_WORKER_PYTHON": str(scripted_python(folder, SCRIPTED_THERE))})
    server.start()
    yield server
    server.stop()


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
