# SPDX-License-Identifier: GPL-3.0-or-later
"""A screenshot of a recording in the viewer, without a window.

Run as `python -m tests.worker.rerun.viewer_screenshot RRD PNG`.

It needs a Vulkan driver; Debian's mesa-vulkan-drivers contains one that runs on the CPU.
"""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path

from PIL import Image
from rerun.experimental import ViewerClient

from blender_text3d.worker.rerun.viewer import free_port, viewer_executable

RENDER_S = 8.0
SIZE_PX = (1440, 810)
DRIVERS = ("/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d")


def can_draw() -> bool:
    """True if this machine has a Vulkan driver."""
    return find_library("vulkan") is not None and any(list(Path(folder).glob("*.json")) for folder in DRIVERS)


@contextmanager
def headless_viewer(rrd: Path) -> Generator[ViewerClient]:
    """Open a recording in a viewer without a window."""
    viewer = ViewerClient.spawn(port=free_port(), headless=True, executable_path=str(viewer_executable()))
    try:
        viewer.open(str(rrd.absolute()))
        yield viewer
    finally:
        viewer.quit()


def main(rrd: Path, png: Path) -> None:
    """Write a screenshot of a finished recording, small enough to commit."""
    with headless_viewer(rrd) as viewer:
        time.sleep(RENDER_S)
        viewer.save_screenshot(str(png.absolute()))
    Image.open(png).convert("RGB").resize(SIZE_PX, Image.Resampling.LANCZOS).quantize(256).save(png, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
