# SPDX-License-Identifier: GPL-3.0-or-later
"""A Rerun viewer started by the worker, which accepts local connections only and sends nothing to the internet."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
CLOSED_PROXY = f"http://{LOOPBACK}:9"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True)
class Viewer:
    """A viewer process and its port."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        return f"rerun+http://{LOOPBACK}:{self.port}/proxy"

    def is_running(self) -> bool:
        return self.process.poll() is None


def viewer_executable() -> Path | None:
    """Return the viewer of the worker environment, never one from PATH; None if it is not installed.

    The binary in the wheel is preferred to the script next to Python, which only starts the binary as a child.
    """
    suffix = ".exe" if sys.platform == "win32" else ""
    package = importlib.util.find_spec("rerun_cli")
    folders = [Path(location) for location in package.submodule_search_locations or ()] if package else []
    candidates = [folder / "Rerun.app/Contents/MacOS/Rerun" for folder in folders]
    candidates += [folder / f"rerun{suffix}" for folder in [*folders, Path(sys.executable).parent]]
    return next((path for path in candidates if path.is_file()), None)


def viewer_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables with which Rerun's programs send nothing to the internet.

    rerun 0.41 has no variable for this. It collects no usage statistics if CI is set, which leaves the user's choice in
    `rerun analytics` unchanged (Source: its crates/utils/re_analytics/src/native/pipeline.rs). Its check for a new
    version goes through the configured proxy, which is a closed port.
    """
    removed = {"FORCE_RERUN_ANALYTICS", *map(str.lower, PROXIES)}
    kept = {name: value for name, value in environment.items() if name not in removed}
    return kept | {"CI": "true", "NO_PROXY": f"{LOOPBACK},localhost"} | dict.fromkeys(PROXIES, CLOSED_PROXY)


def has_display(environment: Mapping[str, str]) -> bool:
    """True if a window can be opened; on Windows and macOS there is always a desktop."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def start_viewer(executable: Path) -> Viewer:
    """Start a viewer that stays open after the worker exits, until its user closes it.

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
    """Return a local port that is not in use."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port
