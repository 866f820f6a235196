# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry and cameras in model space → Rerun archetypes."""

import numpy as np
import rerun as rr

from ...geometry import Cameras, Mesh, PointCloud, Views
from ...geometry.normals import vertex_normals
from .simplified import simplified

POINT_COVERAGE = 0.9
RADIUS_RANGE_IN_MODEL = (0.004, 0.03)
GAP_IN_MODEL = 0.6
IMAGE_DISTANCE_IN_MODEL = 1.2
WHITE = (1.0, 1.0, 1.0)
"""The background of recorded views: the viewer draws transparent pixels black, which would hide dark objects."""


def archetype(geometry: PointCloud | Mesh) -> rr.Points3D | rr.Mesh3D:
    """Return a shaded mesh, simplified if it is large, or spheres that are large enough to look like a surface."""
    if isinstance(geometry, Mesh):
        shown = simplified(geometry)
        return rr.Mesh3D(
            vertex_positions=shown.vertices,
            triangle_indices=shown.faces,
            vertex_normals=vertex_normals(shown),
            vertex_colors=color_bytes(shown.colors),
        )
    radius = np.clip(POINT_COVERAGE / np.sqrt(max(len(geometry.points), 1)), *RADIUS_RANGE_IN_MODEL)
    return rr.Points3D(geometry.points, colors=color_bytes(geometry.colors), radii=radius)


def color_bytes(colors: np.ndarray) -> np.ndarray:
    """Convert `(N, 3) float32` sRGB colors in [0, 1] to `(N, 3) uint8`, the colors of Rerun."""
    return np.rint(np.clip(colors, 0.0, 1.0) * 255.0).astype(np.uint8)


def side_by_side(mesh: Mesh) -> dict[str, rr.Transform3D]:
    """Return offsets that place an object's mesh on the left and its cloud on the right, so that neither hides."""
    width = float(np.ptp(mesh.vertices[:, 0])) if len(mesh.vertices) else 1.0
    offset = (width + GAP_IN_MODEL) / 2
    return {
        "mesh": rr.Transform3D(translation=(-offset, 0.0, 0.0)),
        "cloud": rr.Transform3D(translation=(offset, 0.0, 0.0)),
    }


def log_views(stream: rr.RecordingStream, root: str, views: Views) -> None:
    """Log each view as a camera with its image under `root`: views/000 and so on, at the stream's current time."""
    for index, image in enumerate(views.over(WHITE)):
        for part in (*camera_archetypes(views.cameras, index), rr.Image(image, color_model="RGB")):
            stream.log(f"{root}/views/{index:03d}", part)


def camera_archetypes(cameras: Cameras, index: int) -> tuple[rr.Transform3D, rr.Pinhole]:
    """Return the pose of one camera and its lens, both in the RDF axes that Rerun and this package share."""
    return (
        rr.Transform3D(translation=cameras.places_in_model[index], mat3x3=cameras.model_from_cameras[index]),
        rr.Pinhole(
            focal_length=cameras.focal_px,
            width=cameras.width_px,
            height=cameras.height_px,
            camera_xyz=rr.ViewCoordinates.RDF,
            image_plane_distance=IMAGE_DISTANCE_IN_MODEL,
        ),
    )
