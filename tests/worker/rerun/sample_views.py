# SPDX-License-Identifier: GPL-3.0-or-later
"""Three small views with random pixels."""

import numpy as np

from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.geometry import Views


def example_views() -> Views:
    images = np.random.default_rng(2).integers(0, 256, (3, 6, 6, 4), np.uint8)
    return Views(images, Turntable(views=3, size_px=6).cameras())
