# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished jobs with small known geometry."""

from pathlib import Path
from typing import Any

import numpy as np

from blender_text3d.geometry import Mesh, PointCloud, save_geometry
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished, Started
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests

BOX = Mesh(
    np.float32([[x, y, z] for x in (-0.2, 0.3) for y in (-0.5, 0.1) for z in (-0.4, 0.6)]),
    np.int32([[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
              [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]),
    np.float32([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 0, 0], [0.5, 0.5, 0.5], [0.2, 0.4, 0.6], [1, 0.5, 0]]),
)  # fmt: skip
"""A closed box, 0.5 x 0.6 x 1, away from the origin, whose corners have different colors."""


def sphere_cloud(count: int = 400) -> PointCloud:
    """Return points on a sphere around (0.1, 0.2, 0.3) with radius 0.5."""
    directions = np.random.default_rng(2).normal(size=(count, 3))
    points = 0.5 * directions / np.linalg.norm(directions, axis=1, keepdims=True) + (0.1, 0.2, 0.3)
    return PointCloud(points.astype(np.float32), np.random.default_rng(3).random((count, 3), np.float32))


def finished_job(
    jobs_dir: Path,
    prompt: str = "a red chair",
    mesh: Mesh | None = BOX,
    cloud: PointCloud | None = None,
    **choices: Any,
) -> JobFolder:
    """Return a finished job with this geometry."""
    (request,) = make_requests(prompt, **choices)
    job = create_job(jobs_dir, request)
    job.append(
        Started(
            pid=1,
            host="h",
            device="cpu",
            device_name="CPU",
            engine_version="0.1.0",
            torch_version="2",
            weights_sha256="ab",
        )
    )
    files = {}
    for name, geometry in {"mesh": mesh, "cloud": cloud}.items():
        if geometry is not None:
            save_geometry(job.path / f"{name}.npz", geometry)
            files[name] = f"{name}.npz"
    job.append(Finished(elapsed_s=1.0, files=files))
    return job
