# SPDX-License-Identifier: GPL-3.0-or-later
"""A background Blender that renders the views of captured objects, followed without waiting for it."""

import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..background.background_blender import BackgroundBlender
from .encoding import Encoding
from .submit_captured import encoding_model

if TYPE_CHECKING:
    from ...scene.object_capture import Captured

PROGRAM = "scene.render_object_views"
SMALL_SIDE_PX, SIDE_PX = 256, 512
"""Sides of the views for the small models, and for the official ones, which reduce them to half."""
STALLED_AFTER_S, LOOK_EVERY_S = 600.0, 0.05
MAX_REASON_LENGTH = 120


class RenderError(Exception):
    """The views could not be rendered; the message is a part of a sentence."""


def rendering(encoding: Encoding, captured: "Captured", path: Path) -> Generator[int | None, None, None]:
    """Render the views of captured objects and add them to their file; yield None, and then the number of views done.

    Closing the generator ends the background Blender.

    Args:
        encoding: The objects, and what they are for.
        captured: What was captured of them.
        path: The file of their mesh, alone in its folder.

    Raises:
        RenderError: They cannot be rendered; the file is as before.
    """
    from ...geometry.object_cameras import VIEW_COUNT
    from ...scene.render_files import write_for_rendering

    side = SMALL_SIDE_PX if is_small(encoding) else SIDE_PX
    box = captured.low + captured.origin, captured.high + captured.origin
    folder, blender = path.parent, BackgroundBlender(PROGRAM, path.parent, path.parent / "output.txt")
    try:
        yield None
        for _ in write_for_rendering(folder, path.name, encoding.objects, box, VIEW_COUNT, side, captured.simplified):
            yield None
        blender.start()
        yield from followed(blender)
        if blender.exit_code() != 0:
            reason = blender.last("error") or f"Blender ended with exit code {blender.exit_code()}"
            raise RenderError(str(reason)[:MAX_REASON_LENGTH])
    except (OSError, RuntimeError) as error:
        raise RenderError(str(getattr(error, "strerror", None) or error)[:MAX_REASON_LENGTH]) from error
    finally:
        blender.kill()


def followed(blender: BackgroundBlender) -> Generator[int, None, None]:
    """Yield the number of finished views until the process ends.

    Raises:
        RenderError: Nothing happens any more.
    """
    done, since_s = 0, time.monotonic()
    while blender.is_alive():
        newest = blender.last("view")
        if isinstance(newest, int) and newest > done:
            done, since_s = newest, time.monotonic()
        if time.monotonic() - since_s > STALLED_AFTER_S:
            raise RenderError(f"no view within {STALLED_AFTER_S / 60:.0f} minutes")
        yield done
        if bpy.app.background:
            time.sleep(LOOK_EVERY_S)


def is_small(encoding: Encoding) -> bool:
    """True if a small model encodes the objects."""
    scene: Any = bpy.data.scenes.get(encoding.scene_name)
    return scene is None or encoding_model(scene.text3d, is_varied=encoding.vary > 0).startswith("mini/")
