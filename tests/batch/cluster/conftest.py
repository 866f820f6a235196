# SPDX-License-Identifier: GPL-3.0-or-later
"""A Ray cluster on loopback for the tests of this folder; it ends with them, since it takes memory."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import pytest

from blender_text3d.batch.cluster.ray_library import ALWAYS, LOOPBACK

CORES = 3


@pytest.fixture(scope="module")
def head(cluster):
    """The address of a cluster with a token, which the environment of this process has."""
    address, variables = cluster
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield address


@pytest.fixture(scope="package")
def cluster(tmp_path_factory):
    """The address of a cluster, and the environment variables of those who use it."""
    variables = ALWAYS | LOOPBACK | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", f"--port={port}"]
    command += [f"--num-cpus={CORES}", "--include-dashboard=false", "--object-store-memory=80000000"]
    command += [f"--temp-dir={folder}", "--node-ip-address=127.0.0.1"]
    log = tmp_path_factory.mktemp("head") / "log"
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log.open("wb"), stderr=subprocess.STDOUT, env=os.environ | variables
    )
    try:
        wait_until_started(process, log)
        yield f"127.0.0.1:{port}", variables
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_started(process, log):
    while "Ray runtime started" not in log.read_text(errors="replace"):
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
