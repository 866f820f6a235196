# SPDX-License-Identifier: GPL-3.0-or-later
"""Place the object in the square image that the models see.

Point-E and Shap-E learned from renders of objects in a cube of side 1, 2 away from Blender's own camera (50 mm lens,
36 mm sensor), centered: from the front, the cube spans 50 / 72 of the image. The official example images are similar:
the object spans 0.48 to 0.88 of them, on white.

Source: openai/point-e, point_e/evals/scripts/blender_script.py (normalize_scene, set_camera) and
point_e/examples/example_data; openai/shap-e, shap_e/examples/example_data/corgi.png.
"""

import numpy as np
from PIL import Image

OBJECT_SHARE = 50 / 72
WHITE = (255, 255, 255)
MIN_VISIBLE_ALPHA = 0.1


def object_box(alpha: np.ndarray) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom (both exclusive) of what is visible, in pixels; None if nothing is.

    Args:
        alpha: `(H, W) float64`, 0 to 1.
    """
    rows, columns = (
        np.flatnonzero((alpha > MIN_VISIBLE_ALPHA).any(axis=1)),
        np.flatnonzero((alpha > MIN_VISIBLE_ALPHA).any(axis=0)),
    )
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def frame_object(image: Image.Image, box: tuple[int, int, int, int], share: float = OBJECT_SHARE) -> Image.Image:
    """Return a white square with the box at its center; the longer side of the box spans `share` of the square."""
    left, top, right, bottom = box
    side = round(max(right - left, bottom - top) / share)
    square = Image.new("RGB", (side, side), WHITE)
    square.paste(image, ((side - left - right) // 2, (side - top - bottom) // 2))
    return square
