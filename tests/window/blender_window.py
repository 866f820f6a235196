# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender as a user has it: the extension installed from its zip, a window, the sidebar on the add-on's tab."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.window.screen import SIZE, Screen

GUIDE = Path(__file__).with_name("guide.py")
TIMEOUT_S = 240
WHEEL_STEPS = 80  # from one end of a long sidebar to the other


class BlenderWindow:
    """One Blender process, observed through the state file that guide.py writes inside it.

    Attributes:
        clicks: Number of presses of the left mouse button; a double click is two.
    """

    def __init__(self, blender: str, home: Path, screen: Screen, variables: dict[str, str] | None = None):
        """Prepare the environment; nothing is started yet.

        Args:
            blender: Blender's executable.
            home: Folder for all files that Blender writes.
            screen: Screen that shows the window.
            variables: Environment; None for the screen's, with the folders of Blender and the add-on below home.
        """
        self._blender, self._home, self.screen = blender, home, screen
        self._state_file = home / "state.json"
        folders = {"BLENDER_USER_RESOURCES": str(home / "blender"), "BLENDER_TEXT3D_HOME": str(home / "text3d")}
        self._variables = (variables or screen.variables | folders) | {"TEXT3D_STATE": str(self._state_file)}
        self._process: subprocess.Popen | None = None
        self.clicks = 0

    def install(self, zip_path: str) -> None:
        """Install the zip by the command that the manual gives for a terminal."""
        command = [self._blender, "--command", "extension", "install-file", "-r", "user_default", "--enable", zip_path]
        done = subprocess.run(command, env=self._variables, capture_output=True, text=True, timeout=TIMEOUT_S)
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def log(self) -> str:
        """Blender's output so far."""
        return (self._home / "blender.log").read_text(errors="replace")

    def start(self) -> None:
        """Start, and wait until the panel is drawn; if guide.py only observes, until Blender runs."""
        self._state_file.unlink(missing_ok=True)  # of the process before
        size = ["--window-geometry", "0", "0", *map(str, SIZE)]
        with open(self._home / "blender.log", "w") as log:
            self._process = subprocess.Popen(
                [self._blender, "-noaudio", *size, "--python", str(GUIDE)],
                env=self._variables, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        only_observes = "TEXT3D_ONLY_WATCH" in self._variables
        self.wait_for(
            lambda state: state["is_panel_shown"] or (only_observes and state["beat"]), "the panel to be shown"
        )
        self.screen.focus("Blender")

    def set(self, **settings: object) -> None:
        """Set values in the panel directly, for settings whose clicks need no test."""
        settings_file = self._state_file.with_name(self._state_file.name + ".settings")
        self.wait_for(lambda _: not settings_file.exists(), "the previous settings to be read")
        unfinished = settings_file.with_name(settings_file.name + ".new")  # guide.py writes state.json.new
        unfinished.write_text(json.dumps(settings))
        os.replace(unfinished, settings_file)

    @property
    def state(self) -> dict[str, Any]:
        """The latest state written by guide.py."""
        try:
            return json.loads(self._state_file.read_text())
        except (OSError, ValueError):
            return {"is_panel_shown": False, "beat": 0}

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], what: str, timeout_s: float = TIMEOUT_S) -> dict:
        """Return the first state that fulfills the condition; fail with a screenshot on timeout."""
        until = time.monotonic() + timeout_s
        while time.monotonic() < until and self._process.poll() is None:
            state = self.state
            if condition(state):
                return state
            time.sleep(0.1)
        screenshot = self.screen.shoot("failed")
        raise AssertionError(f"timed out waiting for {what}; {screenshot}; {self.state}; {self._process.poll()=}")

    def click(self, x_in_sidebar: int, y_in_sidebar: int, times: int = 1) -> None:
        """Click in the sidebar, at pixels from its top left corner."""
        left, bottom, _, height = self.state["sidebar"]
        self.click_at(left + x_in_sidebar, SIZE[1] - bottom - height + y_in_sidebar, times)

    def click_above_bottom(self, x_in_sidebar: int, y_above_bottom: int) -> None:
        """Click in the sidebar, at pixels from its bottom left corner; panels above may have any height.

        Call scroll_sidebar first.
        """
        left, bottom, _, _ = self.state["sidebar"]
        self.click_at(left + x_in_sidebar, SIZE[1] - bottom - y_above_bottom)

    def scroll_sidebar(self, *, to_end: bool) -> None:
        """Turn the mouse wheel over the sidebar until its end or its start is shown."""
        left, bottom, width, height = self.state["sidebar"]
        self.screen.hover(left + width // 2, SIZE[1] - bottom - height // 2)
        self._wait_for_events()
        self.screen.turn_wheel(WHEEL_STEPS if to_end else -WHEEL_STEPS)
        self._wait_for_events()

    def click_object(self, name: str) -> None:
        """Click on an object in the 3D view, at the center of its visible part."""
        self.click_at(*self.state["on_screen"][name])

    def click_at(self, x: int, y: int, times: int = 1) -> None:
        """Hover, then press, each after Blender has processed the last event; under load it loses clicks otherwise."""
        self.screen.hover(x, y)
        self._wait_for_events()
        self.screen.click(times)
        self.clicks += times
        self._wait_for_events()

    def press_at(self, x: int, y: int, *keys: str) -> None:
        """Press keys one by one with the mouse at this position."""
        self.screen.hover(x, y)
        self._wait_for_events()
        for key in keys:
            self.screen.press(key)
            self._wait_for_events()

    def _wait_for_events(self) -> None:
        beat = self.state["beat"]
        self.wait_for(lambda state: state.get("beat", 0) > beat + 3, "Blender to process the mouse event")

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=30)
