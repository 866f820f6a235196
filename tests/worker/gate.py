# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate in the scripted engine, so that a test and its workers wait for each other, however fast the machine is."""

import time
from pathlib import Path

from tests.worker.scripted_python import changed_engine

GIVE_UP_S = 600.0
WAITS = """
import time
def behind_gate(folder, generate_batch=scripted_engine.Engine.generate_batch):
    def waits(self, recipes):
        open(f"{{folder}}/{{os.getpid()}}", "w").close()
        give_up = time.monotonic() + {give_up_s}
        while not os.path.exists(f"{{folder}}/open"):
            if time.monotonic() > give_up:
                raise TimeoutError("the gate stays closed")
            time.sleep(0.02)
        yield from generate_batch(self, recipes)
    return waits
scripted_engine.Engine.generate_batch = behind_gate({folder!r})
"""


class Gate:
    """Workers wait here before they make their first objects, until it is opened.

    Args:
        folder: Gets a file for each worker that has come here.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()

    def script(self, changes: str = "") -> str:
        """Return the worker with the scripted engine behind this gate, and with further changes."""
        return changed_engine(WAITS.format(folder=str(self._folder), give_up_s=GIVE_UP_S) + changes)

    def open(self) -> None:
        """Let all go on."""
        (self._folder / "open").touch()

    def wait_for(self, count: int) -> None:
        """Wait until so many workers have come here."""
        give_up = time.monotonic() + GIVE_UP_S
        while len(list(self._folder.iterdir())) < count:
            assert time.monotonic() < give_up, f"{count} workers have not come"
            time.sleep(0.05)
