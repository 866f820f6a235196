# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of an object → pinhole cameras that stand in its space and show what they saw."""

import rerun as rr

from ...geometry import Cameras, Views

IMAGE_DISTANCE_IN_MODEL = 1.2
PAPER = (1.0, 1.0, 1.0)
"""What shows behind the object: the viewer draws clear pixels black, on which dark objects could not be seen."""


def camera_archetypes(cameras: Cameras, index: int) -> tuple[rr.Transform3D, rr.Pinhole]:
    """Where one camera stands, and its lens; Rerun's cameras are RDF, as ours are."""
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


def log_views(stream: rr.RecordingStream, root: str, views: Views) -> None:
    """Log every view as views/000 and so on under a root, at the stream's present time."""
    for index, picture in enumerate(views.over(PAPER)):
        for archetype in (*camera_archetypes(views.cameras, index), rr.Image(picture, color_model="RGB")):
            stream.log(f"{root}/views/{index:03d}", archetype)
