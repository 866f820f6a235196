# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual screen: pictures of it, and a mouse and a keyboard on it."""

import os
import subprocess
import time
from pathlib import Path

SIZE = (1600, 900)


class Screen:
    """Xvfb, with what a person has: eyes, a mouse, a keyboard."""

    def __init__(self, pictures: Path):
        """Start it.

        Args:
            pictures: Folder for screenshots.
        """
        self.pictures = pictures
        pictures.mkdir(parents=True, exist_ok=True)
        reader, writer = os.pipe()
        size = f"{SIZE[0]}x{SIZE[1]}x24"
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "+extension", "GLX", "-nolisten", "tcp"]
        self._server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as answer:
            self.variables = os.environ | {"DISPLAY": ":" + answer.readline().strip()}

    def shoot(self, name: str) -> Path:
        """A picture of the whole screen, now."""
        path = self.pictures / f"{name}.png"
        self._run("import", "-window", "root", "-strip", str(path))
        return path

    def shoot_when_still(self, name: str) -> Path:
        """A picture when two in a row are alike: software rendering lags behind what Blender knows."""
        before = b""
        for _ in range(10):
            path = self.shoot(name)
            if path.read_bytes() == before:
                break
            before = path.read_bytes()
            time.sleep(0.5)
        return path

    def hover(self, x: int, y: int) -> None:
        """Move the mouse there, and a little more: Blender takes no click without a motion on the spot before it."""
        self._xdotool("mousemove", x, y)
        self._xdotool("mousemove_relative", 2, 1)

    def click(self, times: int = 1) -> None:
        """Press the left button where the mouse is."""
        self._xdotool("click", "--repeat", times, "--delay", 120, 1)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", 60, text)
        time.sleep(0.3)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._xdotool("key", key)

    def focus(self, title: str) -> None:
        """Give a window the keyboard; there is no window manager that would."""
        self._xdotool("windowfocus", self.windows(title)[-1])

    def move(self, title: str, x: int, y: int) -> None:
        """Put the newest window of this title there; without a window manager some lie partly beside the screen."""
        self._xdotool("windowmove", self.windows(title)[-1], x, y)

    def shoot_window(self, number: str, name: str) -> Path:
        """A picture of one window, brought to the front."""
        self._xdotool("windowraise", number)
        time.sleep(1)
        path = self.pictures / f"{name}.png"
        self._run("import", "-window", number, "-strip", str(path))
        return path

    def windows(self, title: str) -> list[str]:
        """The numbers of the windows that are seen and have this in their title."""
        command = ["xdotool", "search", "--onlyvisible", "--name", title]
        return subprocess.run(command, env=self.variables, capture_output=True, text=True).stdout.split()

    def close(self) -> None:
        self._server.terminate()
        self._server.wait(timeout=20)

    def _xdotool(self, *arguments: object) -> None:
        self._run("xdotool", *map(str, arguments))
        time.sleep(0.3)

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.variables, check=True, timeout=60)
