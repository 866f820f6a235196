# SPDX-License-Identifier: GPL-3.0-or-later
"""A Rerun viewer window of our own: the shipped program, reached from this machine only, talking to nobody else."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
NOBODY = f"http://{LOOPBACK}:9"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True)
class Viewer:
    """A viewer process and the port it listens on."""

    process: subprocess.Popen
    port: int

    @property
    def address(self) -> str:
        return f"rerun+http://{LOOPBACK}:{self.port}/proxy"

    def is_running(self) -> bool:
        return self.process.poll() is None


def viewer_executable() -> Path | None:
    """The program in the worker's own environment; never one that happens to be on PATH.

    The wheel's binary comes before the script next to Python: the script only starts the binary, as a child of its own.
    """
    suffix = ".exe" if sys.platform == "win32" else ""
    shipped = importlib.util.find_spec("rerun_cli")
    folders = [Path(place) for place in shipped.submodule_search_locations or ()] if shipped else []
    candidates = [folder / "Rerun.app/Contents/MacOS/Rerun" for folder in folders]
    candidates += [folder / f"rerun{suffix}" for folder in [*folders, Path(sys.executable).parent]]
    return next((path for path in candidates if path.is_file()), None)


def viewer_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which Rerun's programs send nothing to anybody.

    There is no variable made for this in rerun 0.41. It collects no usage statistics where CI is set, which leaves the
    user's own choice in `rerun analytics` as it is (Source: its crates/utils/re_analytics/src/native/pipeline.rs). Its
    look for a newer version goes through the proxy it is told of, and there is nobody at this one.
    """
    unwanted = {"FORCE_RERUN_ANALYTICS", *map(str.lower, PROXIES)}
    kept = {name: value for name, value in environment.items() if name not in unwanted}
    return kept | {"CI": "true", "NO_PROXY": f"{LOOPBACK},localhost"} | dict.fromkeys(PROXIES, NOBODY)


def has_display(environment: Mapping[str, str]) -> bool:
    """Whether a window can be opened; only Linux and its like may run without a desktop."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def start_viewer(executable: Path) -> Viewer:
    """Open a window that outlives the worker: its user closes it.

    Raises:
        OSError: The program cannot be started.
    """
    port = free_port()
    options = ["--bind", LOOPBACK, "--port", str(port), "--expect-data-soon", "--hide-welcome-screen"]
    process = subprocess.Popen(
        [str(executable), *options],
        env=viewer_environment(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    return Viewer(process, port)


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return listener.getsockname()[1]
