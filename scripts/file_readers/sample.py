# SPDX-License-Identifier: GPL-3.0-or-later
"""The object whose files are read: different on every axis, with a point at the top in a color of its own."""

from pathlib import Path

import numpy as np

from blender_text3d.exports.export_job import export_job
from blender_text3d.exports.formats import MESH_FORMATS, ExportTarget
from blender_text3d.geometry import Mesh, PointCloud, save_geometry
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.exported_files import EXPORT_FORMATS
from blender_text3d.protocol.request import make_requests

SIZE_M, ROTATION_DEG, PRINT_HEIGHT_MM = 1.5, 90, 60.0
SIDES = (0.75, 0.5, 1.0)
"""Shares of the size along X, Y and Z after the rotation."""
TOP_FROM_CENTER = np.array([0.1, 0.1])
"""Place of the top along X and Y after the rotation, in heights of the object."""
TOP_SRGB = (240, 120, 30)
BOTTOM_SRGB = (30, 60, 220)
RINGS = 24


def sample_mesh() -> Mesh:
    """Return a closed tent: a base of 0.5 x 0.75 away from the origin, and a top 1 above it, off the center."""
    angles = np.linspace(0, 2 * np.pi, RINGS, endpoint=False)
    ring = np.stack([0.25 * np.cos(angles), 0.375 * np.sin(angles), np.zeros(RINGS)], axis=1)
    vertices = np.concatenate([ring, [[0.1, -0.1, 1.0], [0, 0, 0]]]) + (0.3, -0.2, -0.4)
    here, there = np.arange(RINGS), np.roll(np.arange(RINGS), -1)
    sides = np.stack([here, there, np.full(RINGS, RINGS)], axis=1)
    floor = np.stack([there, here, np.full(RINGS, RINGS + 1)], axis=1)
    colors = np.tile(np.float32(BOTTOM_SRGB) / 255, (RINGS + 2, 1))
    colors[RINGS] = np.float32(TOP_SRGB) / 255
    return Mesh(vertices.astype(np.float32), np.concatenate([sides, floor]).astype(np.int32), colors.astype(np.float32))


def write_samples(folder: Path) -> dict[str, Path]:
    """Write every format of the mesh and of its points; returns the paths by the name of the file in the table."""
    mesh = sample_mesh()
    (request,) = make_requests("a red chair", seed=7, size_m=SIZE_M, rotation_deg=ROTATION_DEG, outputs="both")
    job = create_job(folder / "jobs", request)
    save_geometry(job.mesh, mesh)
    save_geometry(job.cloud, PointCloud(mesh.vertices, mesh.colors))
    job.append(Finished(elapsed_s=1.0, files={"mesh": job.mesh.name, "cloud": job.cloud.name}))
    targets = {f".{name}": ExportTarget("mesh", name, folder / f"mesh.{name}") for name in EXPORT_FORMATS}
    targets |= {
        f".{name} of points": ExportTarget("cloud", name, folder / f"cloud.{name}")
        for name in EXPORT_FORMATS
        if name not in MESH_FORMATS
    }
    export_job(job, targets.values())
    prints = {
        f".{name}, --print-height 60": ExportTarget("mesh", name, folder / f"print.{name}") for name in MESH_FORMATS
    }
    export_job(job, prints.values(), PRINT_HEIGHT_MM)
    return {name: target.path for name, target in (targets | prints).items()}
