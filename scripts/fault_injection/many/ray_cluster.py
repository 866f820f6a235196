# SPDX-License-Identifier: GPL-3.0-or-later
"""A Ray cluster of two nodes on this machine, whose processes can be killed and started again.

A cluster of several nodes listens on all addresses: run it where there is only a loopback address.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from blender_text3d.batch.cluster.ray_library import ALWAYS

START_WITHIN_S = 120.0
STORE_BYTES = 80_000_000


class RayCluster:
    """A head and a second node, each with its own cores.

    Attributes:
        variables: Environment variables of the programs that use it.
        address: Its address.
    """

    def __init__(self, python: str, cores: int, logs: Path) -> None:
        """Choose a port and a token, and start nothing.

        Args:
            python: A Python with Ray.
            cores: Cores that each node says it has.
            logs: A folder for logs.
        """
        self._python, self._cores, self._logs = python, cores, logs
        self.variables = {**ALWAYS, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        self.address = f"127.0.0.1:{free_port()}"
        self._folder = ""
        self._head: subprocess.Popen[bytes] | None = None
        self._node: subprocess.Popen[bytes] | None = None

    def keep_running(self) -> None:
        """Start again what has ended; a new head is another cluster, so the second node starts again with it."""
        if self._head is None or self._head.poll() is not None:
            self.end()
            self._folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp" if os.path.isdir("/tmp") else None)
            port = self.address.partition(":")[2]
            head = ["--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={self._folder}"]
            self._head = self._started("head", head)
        if self._node is None or self._node.poll() is not None:
            self._node = self._started("node", [f"--address={self.address}"])

    def head_processes(self) -> list[psutil.Process]:
        """Return the processes of the head."""
        return below(self._head)

    def node_processes(self) -> list[psutil.Process]:
        """Return the processes of the second node."""
        return below(self._node)

    def end(self) -> None:
        """End both nodes with all their processes."""
        for process in (self._node, self._head):
            for child in below(process):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            if process is not None:
                process.wait()
        self._head = self._node = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self, name: str, options: list[str]) -> subprocess.Popen[bytes]:
        command = [self._python, "-m", "ray.scripts.scripts", "start", "--block", *options]
        command += [f"--num-cpus={self._cores}", f"--object-store-memory={STORE_BYTES}", "--node-ip-address=127.0.0.1"]
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=os.environ | self.variables,
                start_new_session=True,
            )  # fmt: skip
        give_up = time.monotonic() + START_WITHIN_S
        while "Ray runtime started" not in log.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"The {name} did not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(0.2)
        return process


def below(process: subprocess.Popen[bytes] | None) -> list[psutil.Process]:
    """Return a process with all below it, the lowest first."""
    if process is None or process.poll() is not None:
        return []
    try:
        own = psutil.Process(process.pid)
        return [*reversed(own.children(recursive=True)), own]
    except psutil.NoSuchProcess:
        return []


def free_port() -> int:
    """Return a port of the loopback address that nobody uses now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
