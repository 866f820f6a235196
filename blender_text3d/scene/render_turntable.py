# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of a background Blender that renders a turntable, or makes one of frames that are there already.

Its argument is a folder with `turntable.json`, and with `object.blend` or the frames; it removes the folder at the end.
It prints a line of JSON for each frame. Scripts and drivers of the file are not run.
"""

import shutil
import sys
from pathlib import Path
from typing import Any, cast

import bpy

from .render_files import replace_images
from .render_object_views import load_objects, write_line
from .turntable_files import TurntableSettings, read_settings
from .turntable_outputs import write_output
from .turntable_scene import rendered_frames


def main(folder: Path) -> None:
    """Render the turntable in a folder.

    Raises:
        OSError: A file cannot be read or written.
        ValueError, RuntimeError, TypeError: It cannot be rendered; the message is the reason.
    """
    settings = read_settings(folder)
    frames = folder / "frames"
    frames.mkdir(exist_ok=True)
    if settings.objects or settings.linked:
        prepare(folder, settings)
        for done in rendered_frames(settings, frames):
            write_line(view=done)
    write_output(settings, frames)


def prepare(folder: Path, settings: TurntableSettings) -> None:
    """Load the objects into an empty scene, as they are at the frame."""
    load_objects(folder, settings.objects, settings.linked)
    replace_images(folder, cast(Any, settings))
    scene: Any = bpy.context.scene
    scene.frame_set(settings.frame, subframe=settings.subframe)
    for target in scene.objects:
        target.hide_render = target.hide_viewport = False  # what was selected is shown


if __name__ == "__main__":
    work = Path(sys.argv[-1])
    try:
        main(work)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        write_line(error=str(error).strip())
        sys.exit(1)
    finally:
        shutil.rmtree(work, ignore_errors=True)
