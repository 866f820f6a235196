# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a recording as the viewer shows it, without a window.

Run as `python -m tests.worker.rerun.viewer_screenshot RRD PNG`.

Needs a Vulkan driver; Debian's mesa-vulkan-drivers brings one that runs on the CPU.
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

DRAWING_S = 8.0
SIZE_PX = (1440, 810)
DRIVERS = ("/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d")


def can_draw() -> bool:
    """Whether this machine has what the viewer draws with."""
    return find_library("vulkan") is not None and any(list(Path(folder).glob("*.json")) for folder in DRIVERS)


@contextmanager
def shown(rrd: Path) -> Generator[ViewerClient]:
    """A viewer without a window that shows a recording."""
    viewer = ViewerClient.spawn(port=free_port(), headless=True, executable_path=str(viewer_executable()))
    try:
        viewer.open(str(rrd.absolute()))
        yield viewer
    finally:
        viewer.quit()


def main(rrd: Path, png: Path) -> None:
    """Write what the viewer shows of a finished recording, small enough to keep beside the code."""
    with shown(rrd) as viewer:
        time.sleep(DRAWING_S)
        viewer.save_screenshot(str(png.absolute()))
    Image.open(png).convert("RGB").resize(SIZE_PX, Image.Resampling.LANCZOS).quantize(256).save(png, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
