"""A real sshd on 127.0.0.1 with keys of its own, which a test can stop, start, and take connections from."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin" + os.pathsep + "/usr/local/sbin")
HANG_S = 60.0
SERVER_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
PermitUserRC no
LogLevel VERBOSE
{more}
SetEnv {variables}
"""
CLIENT_CONFIG = """
Host there
  HostName 127.0.0.1
  Port {port}
  ProxyCommand {proxy}
Host *
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  StrictHostKeyChecking yes
"""


class SshServer:
    """The server and the client's configuration, in one folder.

    Attributes:
        home: The data folder on the server's side.
        log: What the server says.
    """

    def __init__(self, folder: Path, variables: dict[str, str], more: str = "") -> None:
        self.folder, self.home, self.log = folder, folder / "home", folder / "sshd.log"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("host_key", "user_key", "other_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
        variables = {"BLENDER_TEXT3D_HOME": str(self.home)} | variables
        settings = " ".join(f'"{name}={value}"' for name, value in variables.items())
        config = SERVER_CONFIG.format(port=self.port, folder=folder, variables=settings, more=more)
        (folder / "sshd_config").write_text(config)
        self.write_client_config("none")
        key = (folder / "host_key.pub").read_text().split()
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key[0]} {key[1]}\n")

    def write_client_config(self, proxy: str, key: str = "user_key") -> str:
        """Write the client's configuration; returns the command that uses it."""
        config = CLIENT_CONFIG.format(port=self.port, folder=self.folder, proxy=proxy).replace("/user_key", f"/{key}")
        path = self.folder / f"ssh_config_{key}_{'direct' if proxy == 'none' else 'proxy'}"
        path.write_text(config)
        return f"ssh -F {path}"

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [str(SSHD), "-D", "-f", str(self.folder / "sshd_config"), "-E", str(self.log)]
        self._process = subprocess.Popen(command)
        deadline = time.monotonic() + HANG_S
        while not accepts(self.port):
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server and every connection."""
        if self._process:
            self.cut()
            self._process.terminate()
            self._process.wait()
            self.cut()

    def sessions(self) -> list[psutil.Process]:
        """Return the server's processes of connections."""
        found = psutil.Process(self._process.pid).children(recursive=True) if self._process else []
        return [process for process in found if name_of(process).startswith("sshd")]

    def cut(self) -> None:
        """End every connection, as a broken line does."""
        if self._process and self._process.poll() is None:
            for process in self.sessions():
                signal_process(process, signal.SIGKILL)

    def freeze(self) -> list[psutil.Process]:
        """Stop every connection without an end, as a line that goes silent; returns what to continue later."""
        sessions = self.sessions()
        for process in sessions:
            signal_process(process, signal.SIGSTOP)
        return sessions


def name_of(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def signal_process(process: psutil.Process, number: int) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


PROXY = """
import os, select, socket, sys
port, cuts, = int(sys.argv[1]), sys.argv[2]
names = sorted(os.listdir(cuts))
up = down = 1 << 60
if names:
    up, down = map(int, open(os.path.join(cuts, names[0])).read().split())
    os.unlink(os.path.join(cuts, names[0]))
server = socket.create_connection(("127.0.0.1", port))
while True:
    ready, _, _ = select.select([0, server], [], [])
    if 0 in ready:
        data = os.read(0, 65536)
        if not data or up <= 0:
            break
        server.sendall(data)
        up -= len(data)
    if server in ready:
        data = server.recv(65536)
        if not data or down <= 0:
            break
        os.write(1, data)
        down -= len(data)
"""


def proxy_command(folder: Path, port: int, cuts: list[tuple[int, int]]) -> str:
    """Return a ProxyCommand whose n-th connection breaks after so many bytes up, or down; later ones do not."""
    program, places = folder / "proxy.py", folder / "cuts"
    program.write_text(PROXY)
    shutil.rmtree(places, ignore_errors=True)
    places.mkdir()
    for place, (up, down) in enumerate(cuts):
        (places / f"{place}").write_text(f"{up} {down}")
    return f"{sys.executable} {program} {port} {places}"
