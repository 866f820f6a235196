# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual screen with a mouse and a keyboard, and screenshots of it."""

import os
import subprocess
import time
from pathlib import Path

SIZE = (1600, 900)
DRAG_STEPS = 12


class Screen:
    """An Xvfb server, driven by xdotool.

    Attributes:
        shooting_s: Seconds spent on screenshots, which no user waits for.
    """

    def __init__(self, folder: Path):
        """Start the server.

        Args:
            folder: Folder for screenshots.
        """
        self.folder, self.shooting_s = folder, 0.0
        folder.mkdir(parents=True, exist_ok=True)
        reader, writer = os.pipe()
        size = f"{SIZE[0]}x{SIZE[1]}x24"
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", size, "+extension", "GLX", "-nolisten", "tcp"]
        self._server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
        os.close(writer)
        with os.fdopen(reader) as answer:
            self.variables = os.environ | {"DISPLAY": ":" + answer.readline().strip()}

    def shoot(self, name: str) -> Path:
        """Take a screenshot now."""
        since = time.monotonic()
        path = self.folder / f"{name}.png"
        self._run("import", "-window", "root", "-strip", str(path))
        self.shooting_s += time.monotonic() - since
        return path

    def shoot_when_still(self, name: str) -> Path:
        """Take a screenshot once two in a row are equal: software rendering lags behind Blender's state."""
        before = b""
        for _ in range(10):
            path = self.shoot(name)
            if path.read_bytes() == before:
                break
            before = path.read_bytes()
            time.sleep(0.5)
            self.shooting_s += 0.5
        return path

    def hover(self, x: int, y: int) -> None:
        """Move the mouse there, then by 2 px: Blender accepts a click only after a motion at the same place."""
        self._xdotool("mousemove", x, y)
        self._xdotool("mousemove_relative", 2, 1)

    def click(self, times: int = 1) -> None:
        """Press the left button at the current position."""
        self._xdotool("click", "--repeat", times, "--delay", 120, 1)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drag with the left button: first a few pixels at a time, since Blender starts a drag late."""
        self.hover(*start)
        self._xdotool("mousedown", 1)
        for _ in range(DRAG_STEPS):
            self._xdotool("mousemove_relative", "--", -4, 2)
        for step in range(1, DRAG_STEPS + 1):
            x, y = (round(a + (b - a) * step / DRAG_STEPS) for a, b in zip(start, end, strict=True))
            self._xdotool("mousemove", x, y)
        self._xdotool("mousemove_relative", 2, 1)
        time.sleep(1)
        self._xdotool("mouseup", 1)

    def turn_wheel(self, steps: int) -> None:
        """Turn the wheel at the current position: down, or up for a negative number."""
        self._xdotool("click", "--repeat", abs(steps), "--delay", 20, 5 if steps > 0 else 4)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", 60, text)
        time.sleep(0.3)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._xdotool("key", key)

    def focus(self, title: str) -> None:
        """Give a window the keyboard focus, which a window manager would do."""
        self._xdotool("windowfocus", self.windows(title)[-1])

    def move(self, title: str, x: int, y: int) -> None:
        """Move the newest window of this title; without a window manager some are partly off the screen."""
        self._xdotool("windowmove", self.windows(title)[-1], x, y)

    def shoot_window(self, window_id: str, name: str) -> Path:
        """Raise one window and take a screenshot of it."""
        self._xdotool("windowraise", window_id)
        time.sleep(1)
        path = self.folder / f"{name}.png"
        self._run("import", "-window", window_id, "-strip", str(path))
        return path

    def windows(self, title: str) -> list[str]:
        """Return the IDs of the visible windows whose title contains this."""
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
