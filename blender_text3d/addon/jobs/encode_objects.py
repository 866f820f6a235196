# SPDX-License-Identifier: GPL-3.0-or-later
"""Selected objects → captured in steps on a timer → jobs that copy or vary them."""

import secrets
import shutil
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from ...protocol.create_job import CAPTURES_FOLDER
from ...protocol.failures import Reason
from ...system.run_steps import run_for
from .. import one_shot_timer, redraw, status_line
from ..settings.choices import choices
from ..state.active_job import ActiveJob
from ..state.problem import Problem, SubmitError
from ..state.session_state import state
from .captured_images import file_stem
from .encoding import Encoding
from .submit_captured import submit_captured

if TYPE_CHECKING:
    from ...scene.object_capture import Captured

BUDGET_S, INTERVAL_S, LOOK_EVERY_S = 0.004, 0.01, 0.1
"""Time for steps in one tick, the last of which may take twice as long, and the times until the next tick."""
LEFT_AFTER_S = 3600.0
"""Age of the files of a Blender that has crashed."""


class Capturing:
    """The capture that runs.

    Attributes:
        encoding: What is captured, and for what.
        steps: The rest of the work; it yields the finished share.
        share: The finished share.
        activity: What it does now, for the panel.
        is_waiting: True while another Blender renders.
        jobs: The jobs that were queued at the end.
    """

    def __init__(self, encoding: Encoding):
        self.encoding, self.share, self.jobs = encoding, 0.0, list[ActiveJob]()
        self.activity, self.is_waiting = f"Reading {encoding.name}", False
        self.steps = self.work()

    def work(self) -> Generator[None, None, None]:
        """Capture the objects, write them to a file, and queue the jobs; yields between steps."""
        from ...geometry.compact_mesh import save_in_steps
        from ...scene.object_capture import capture

        folder = new_folder()
        path = folder / f"{file_stem(self.encoding.name)}.npz"
        try:
            capturing = capture(self.encoding.objects)
            while True:
                try:
                    self.share = next(capturing)
                except StopIteration as end:
                    captured = end.value
                    break
                yield
            for _ in save_in_steps(path, captured.mesh):
                yield
            notices = list(captured.notices)
            if captured.simplified:
                notices += yield from self.render(captured, path)
            self.jobs = submit_captured(self.encoding, captured, path)
            for notice in notices:
                state.notice(notice, self.jobs[0].folder.job_id)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def render(self, captured: "Captured", path: Path) -> Generator[None, None, list[str]]:
        """Let another Blender render the materials that cannot be read; return sentences about what failed."""
        from ...geometry.object_cameras import VIEW_COUNT
        from ...scene.object_capture import listing
        from .render_views import RenderError, rendering

        try:
            for view in rendering(self.encoding, captured, path):
                self.is_waiting = view is not None
                self.share = (view or 0) / VIEW_COUNT
                self.activity = f"Rendering view {min((view or 0) + 1, VIEW_COUNT)} of {VIEW_COUNT}"
                yield
        except RenderError as error:
            return [
                f"Rendering failed ({error}), so these became a color or one image: {listing(captured.simplified)}."
            ]
        return []


running: dict[str, Capturing] = {}
"""The capture that runs, under "capture", and the last one that has ended, under "ended"."""


def current() -> Capturing | None:
    """Return the capture that runs, or None."""
    return running.get("capture")


def ended_jobs() -> list[ActiveJob]:
    """Return the jobs that the last capture has queued."""
    return running["ended"].jobs if "ended" in running else []


def start(encoding: Encoding) -> None:
    """Start a capture on a timer; without a window, run it to its end.

    Raises:
        SubmitError: Without a window, no job was queued.
    """
    state.problem = None
    running["capture"] = Capturing(encoding)
    one_shot_timer.schedule(on_timer, INTERVAL_S)


def cancel() -> None:
    """Stop the capture that runs."""
    one_shot_timer.cancel(on_timer)
    capturing = running.pop("capture", None)
    if capturing is not None:
        capturing.steps.close()
    status_line.set_text(None)


def on_timer() -> float | None:
    """Take some steps; return the time until the next tick, or None at the end. Errors go to the panel."""
    from ...scene.evaluated_mesh import CaptureError

    capturing = running.get("capture")
    if capturing is None:
        return None
    try:
        if not have_ended(capturing):
            status_line.set_text(f"{capturing.activity}: {capturing.share:.0%}")
            redraw.sidebars()
            return LOOK_EVERY_S if capturing.is_waiting else INTERVAL_S
    except SubmitError as error:
        state.problem = error.problem
    except CaptureError as error:
        state.problem = Problem(str(error), reason=Reason.BAD_OBJECT)
    except OSError as error:
        state.problem = Problem(f"The object could not be written to a file ({error.strerror}).", "Free some space.")
    except ReferenceError:
        state.problem = Problem("The object was changed while it was read.", "Encode it again.", Reason.BAD_OBJECT)
    except Exception:
        cancel()  # else no other capture could start
        raise
    running.pop("capture", None)
    running["ended"] = capturing
    status_line.set_text(None)
    redraw.panels()
    return None


def have_ended(capturing: Capturing) -> bool:
    """Take some steps, or look once at another program; return True at the end."""
    if bpy.app.background:
        return run_for(capturing.steps, float("inf"))
    if capturing.is_waiting:
        return next(capturing.steps, StopIteration) is StopIteration
    return run_for(capturing.steps, BUDGET_S)


def new_folder() -> Path:
    """Return a new folder for one file; those that a crashed Blender left are removed."""
    parent = choices().jobs_dir.parent / CAPTURES_FOLDER
    folder = parent / secrets.token_hex(8)
    folder.mkdir(parents=True)
    for other in parent.iterdir():
        if other.is_dir() and not other.is_symlink() and time.time() - other.stat().st_mtime > LEFT_AFTER_S:
            shutil.rmtree(other, ignore_errors=True)
    return folder
