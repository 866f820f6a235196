# SPDX-License-Identifier: GPL-3.0-or-later
"""Cameras of a turntable."""

import math
from dataclasses import dataclass

import numpy as np

from ....geometry import Cameras

MIN_DISTANCE = 1.8
"""A camera closer than the corners of the cube [-1, 1]^3, at sqrt(3), could be inside the object."""


@dataclass(frozen=True)
class Turntable:
    """Cameras on a circle around the up axis that face the origin of model space.

    The first one is in front of the object, at -Y; the next ones follow clockwise as seen from above.

    Attributes:
        views: number of images.
        size_px: width and height of each in pixels.
        elevation_deg: elevation of the cameras above the object's horizon.
        distance: distance from the origin in units of model space.
        fov_rad: field of view between the centers of the outermost pixels of a row.
        is_closed: True if the last view repeats the first one, as in the official package.

    Raises:
        ValueError: the cameras would be inside the object, or see nothing.
    """

    views: int = 20
    size_px: int = 64
    elevation_deg: float = math.degrees(math.atan(0.5))
    distance: float = 4.0
    fov_rad: float = 0.7
    is_closed: bool = False

    def __post_init__(self) -> None:
        """Check the values."""
        if not 1 <= self.views <= 1000 or not 2 <= self.size_px <= 4096:
            raise ValueError(
                f"{self.views} views of {self.size_px} pixels are impossible; give 1 to 1000 views of 2 to 4096 pixels."
            )
        if not MIN_DISTANCE <= self.distance < math.inf:
            raise ValueError(
                f"A camera at distance {self.distance} would be inside the object; give {MIN_DISTANCE} or more."
            )
        if not abs(self.elevation_deg) <= 89 or not 0 < self.fov_rad < 3:
            raise ValueError(
                f"An elevation of {self.elevation_deg} degrees or a field of view of {self.fov_rad} is impossible; "
                "give -89 to 89 degrees and 0 to 3 radians."
            )

    def cameras(self) -> Cameras:
        """Return the cameras in the order of the views.

        Source: openai/shap-e, shap_e/util/notebooks.py, create_pan_cameras, whose values are this class's defaults
        except for `is_closed`; its field of view ends at the outermost pixels' centers, so images show a bit more.
        """
        angles = np.linspace(0, 2 * np.pi, self.views, endpoint=self.is_closed)
        slope = math.tan(math.radians(self.elevation_deg))
        forward = np.stack([np.sin(angles), np.cos(angles), np.full_like(angles, -slope)], axis=1)
        forward /= np.sqrt((forward**2).sum(axis=1, keepdims=True))
        right = np.stack([np.cos(angles), -np.sin(angles), np.zeros_like(angles)], axis=1)
        axes = np.stack([right, np.cross(forward, right), forward], axis=2)
        focal_px = (self.size_px - 1) / (2 * math.tan(self.fov_rad / 2))
        positions = -forward * self.distance
        return Cameras(positions.astype(np.float32), axes.astype(np.float32), focal_px, self.size_px, self.size_px)


OFFICIAL = Turntable(is_closed=True)
"""The official package's turntable: 20 views, the last of which equals the first."""
