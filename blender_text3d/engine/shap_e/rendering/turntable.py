# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the cameras of a turntable stand."""

import math
from dataclasses import dataclass

import numpy as np

from ....geometry import Cameras

NEAREST = 1.8
"""A camera nearer than the corners of the cube [-1, 1]^3, at the root of 3, could stand inside the object."""


@dataclass(frozen=True)
class Turntable:
    """Cameras on a circle around the up axis, all looking at the origin of model space.

    The first one stands in front of the object, at -Y; the next ones follow clockwise as seen from above.

    Attributes:
        views: how many pictures.
        size_px: rows and columns of each.
        elevation_deg: how high above the object's horizon the cameras stand.
        distance: from the origin, in units of model space.
        fov_rad: angle between the centres of the outermost pixels of a row, seen from the camera.
        is_closed: the last view is the first one again, as in the official package.

    Raises:
        ValueError: the cameras would stand in the object, or see nothing.
    """

    views: int = 20
    size_px: int = 64
    elevation_deg: float = math.degrees(math.atan(0.5))
    distance: float = 4.0
    fov_rad: float = 0.7
    is_closed: bool = False

    def __post_init__(self) -> None:
        """Check that there is something to see."""
        if not 1 <= self.views <= 1000 or not 2 <= self.size_px <= 4096:
            raise ValueError(
                f"{self.views} views of {self.size_px} pixels cannot be; give 1 to 1000 views of 2 to 4096 pixels."
            )
        if not NEAREST <= self.distance < math.inf:
            raise ValueError(f"A camera at distance {self.distance} would stand in the object; give {NEAREST} or more.")
        if not abs(self.elevation_deg) <= 89 or not 0 < self.fov_rad < 3:
            raise ValueError(
                f"An elevation of {self.elevation_deg} degrees or a field of view of {self.fov_rad} cannot be; "
                "give -89 to 89 degrees and 0 to 3 radians."
            )

    def cameras(self) -> Cameras:
        """The cameras, first view first.

        Source: openai/shap-e, shap_e/util/notebooks.py, create_pan_cameras, whose numbers are this class's defaults
        but for `is_closed`; its lens spans the outermost pixels' centres, so it sees a little more than `fov_rad`.
        """
        angles = np.linspace(0, 2 * np.pi, self.views, endpoint=self.is_closed)
        slope = math.tan(math.radians(self.elevation_deg))
        forward = np.stack([np.sin(angles), np.cos(angles), np.full_like(angles, -slope)], axis=1)
        forward /= np.sqrt((forward**2).sum(axis=1, keepdims=True))
        right = np.stack([np.cos(angles), -np.sin(angles), np.zeros_like(angles)], axis=1)
        axes = np.stack([right, np.cross(forward, right), forward], axis=2)
        focal_px = (self.size_px - 1) / (2 * math.tan(self.fov_rad / 2))
        places = -forward * self.distance
        return Cameras(places.astype(np.float32), axes.astype(np.float32), focal_px, self.size_px, self.size_px)


OFFICIAL = Turntable(is_closed=True)
"""The official package's: 20 views, of which the last equals the first."""
