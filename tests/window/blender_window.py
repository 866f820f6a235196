# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender as a user has it: the extension installed from its zip, a window, the sidebar on our tab."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.window.screen import SIZE, Screen

GUIDE = Path(__file__).with_name("guide.py")
RETRY_FOR_S = 240


class BlenderWindow:
    """One Blender; it is watched through the file that guide.py writes inside it."""

    def __init__(self, blender: str, home: Path, screen: Screen, variables: dict[str, str] | None = None):
        """Prepares, starts nothing.

        Args:
            blender: Its program file.
            home: Folder for all that it writes.
            screen: Where its window goes.
            variables: Its environment; None for the screen's, with Blender's and our folders below home.
        """
        self._blender, self._home, self.screen = blender, home, screen
        self._state_file = home / "state.json"
        folders = {"BLENDER_USER_RESOURCES": str(home / "blender"), "BLENDER_TEXT3D_HOME": str(home / "text3d")}
        self._variables = (variables or screen.variables | folders) | {"TEXT3D_STATE": str(self._state_file)}
        self._process: subprocess.Popen | None = None

    def install(self, zip_path: str) -> None:
        """As the manual tells a user to do in a terminal."""
        command = [self._blender, "--command", "extension", "install-file", "-r", "user_default", "--enable", zip_path]
        done = subprocess.run(command, env=self._variables, capture_output=True, text=True, timeout=RETRY_FOR_S)
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def log(self) -> str:
        """All that Blender has printed."""
        return (self._home / "blender.log").read_text(errors="replace")

    def start(self) -> None:
        """Start, and wait until the panel has been drawn; where guide.py only watches, until Blender is there."""
        size = ["--window-geometry", "0", "0", *map(str, SIZE)]
        with open(self._home / "blender.log", "w") as log:
            self._process = subprocess.Popen(
                [self._blender, "-noaudio", *size, "--python", str(GUIDE)],
                env=self._variables, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        is_there = "TEXT3D_ONLY_WATCH" in self._variables
        self.wait_for(lambda state: state["is_panel_shown"] or (is_there and state["beat"]), "the panel to be shown")
        self.screen.focus("Blender")

    def set(self, **settings: object) -> None:
        """Values for the panel, where a click would be no better a test."""
        wanted = self._state_file.with_name(self._state_file.name + ".settings")
        self.wait_for(lambda _: not wanted.exists(), "the settings before these to be taken")
        unfinished = wanted.with_name(wanted.name + ".new")  # guide.py writes state.json.new
        unfinished.write_text(json.dumps(settings))
        os.replace(unfinished, wanted)

    @property
    def state(self) -> dict[str, Any]:
        """What guide.py wrote last."""
        try:
            return json.loads(self._state_file.read_text())
        except (OSError, ValueError):
            return {"is_panel_shown": False, "beat": 0}

    def wait_for(self, is_so: Callable[[dict[str, Any]], bool], what: str, patience_s: float = RETRY_FOR_S) -> dict:
        """The first state of which this is so; fails with a picture of the screen."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until and self._process.poll() is None:
            state = self.state
            if is_so(state):
                return state
            time.sleep(0.1)
        picture = self.screen.shoot("failed")
        raise AssertionError(f"waited in vain for {what}; {picture}; {self.state}; {self._process.poll()=}")

    def click(self, x_in_sidebar: int, y_in_sidebar: int, times: int = 1) -> None:
        """Click in the sidebar; pixels from its top left corner."""
        left, bottom, _, height = self.state["sidebar"]
        self.click_at(left + x_in_sidebar, SIZE[1] - bottom - height + y_in_sidebar, times)

    def click_object(self, name: str) -> None:
        """Click on an object in the 3D view, in the middle of what is seen of it."""
        self.click_at(*self.state["on_screen"][name])

    def click_at(self, x: int, y: int, times: int = 1) -> None:
        """Hover, press; each only when Blender has seen the last: a busy machine's Blender loses clicks otherwise."""
        self.screen.hover(x, y)
        self._let_it_look()
        self.screen.click(times)
        self._let_it_look()

    def press_at(self, x: int, y: int, *keys: str) -> None:
        """Press keys one by one while the mouse is there."""
        self.screen.hover(x, y)
        self._let_it_look()
        for key in keys:
            self.screen.press(key)
            self._let_it_look()

    def _let_it_look(self) -> None:
        beat = self.state["beat"]
        self.wait_for(lambda state: state.get("beat", 0) > beat + 3, "Blender to look at the mouse")

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=30)
