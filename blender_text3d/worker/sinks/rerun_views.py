# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of an object → pinhole cameras that stand in its space and show what they saw."""

import rerun as rr

from ...geometry import Views

IMAGE_DISTANCE_IN_MODEL = 1.2


def camera_archetypes(views: Views, index: int) -> list[rr.Transform3D | rr.Pinhole | rr.Image]:
    """Where one camera stands, its lens, and its picture; Rerun's cameras are RDF, as ours are."""
    cameras = views.cameras
    return [
        rr.Transform3D(translation=cameras.places_in_model[index], mat3x3=cameras.model_from_cameras[index]),
        rr.Pinhole(
            focal_length=cameras.focal_px,
            width=cameras.width_px,
            height=cameras.height_px,
            camera_xyz=rr.ViewCoordinates.RDF,
            image_plane_distance=IMAGE_DISTANCE_IN_MODEL,
        ),
        rr.Image(views.images[index], color_model="RGBA"),
    ]


def log_views(stream: rr.RecordingStream, views: Views) -> None:
    """Log every view as job/views/000 and so on, at the stream's present time."""
    for index in range(len(views)):
        for archetype in camera_archetypes(views, index):
            stream.log(f"job/views/{index:03d}", archetype)
