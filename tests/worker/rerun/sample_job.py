# SPDX-License-Identifier: GPL-3.0-or-later
"""A job without an engine: noise becomes a colored ball, reported to a sink as by the worker."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from blender_text3d.geometry import Mesh, PointCloud, Views, save_geometry
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished, Notice, Progress, Started
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.rerun.live_view import LiveView
from blender_text3d.worker.rerun.sink import RerunSink

STEPS = 6
STARTED = Started(
    pid=1,
    host="here",
    device="cpu",
    device_name="Some CPU",
    engine_version="0.1.0",
    torch_version="2.13.0",
    weights_sha256="ab" * 32,
)


def ball(rings: int = 12) -> Mesh:
    """Return a closed ball of radius 0.8 of rings x 2 rings quads, as triangles."""
    across, around = np.meshgrid(np.linspace(0, np.pi, rings), np.linspace(0, 2 * np.pi, 2 * rings), indexing="ij")
    points = [np.sin(across) * np.cos(around), np.sin(across) * np.sin(around), np.cos(across)]
    vertices = 0.8 * np.stack(points, axis=-1).reshape(-1, 3).astype(np.float32)
    rows = np.arange(rings - 1)[:, None] * 2 * rings + np.arange(2 * rings - 1)
    first, below = rows.ravel(), rows.ravel() + 2 * rings
    triangles = [np.stack([first, below, first + 1], 1), np.stack([first + 1, below, below + 1], 1)]
    faces = np.concatenate(triangles).astype(np.int32)
    return Mesh(vertices=vertices, faces=faces, colors=(vertices / 1.6 + 0.5).astype(np.float32))


def noisy_cloud(sigma: float, number: int = 500) -> PointCloud:
    """Return points on the ball's surface, displaced by noise."""
    random = np.random.default_rng(0)
    points = random.normal(size=(number, 3))
    points *= 0.8 / np.linalg.norm(points, axis=1, keepdims=True)
    colors = (points / 1.6 + 0.5).clip(0, 1).astype(np.float32)
    return PointCloud(points=(points + sigma * random.normal(size=(number, 3))).astype(np.float32), colors=colors)


def new_job(jobs_dir: Path, prompt: str = "a red ball", viewer: str = "") -> JobFolder:
    """Create a job folder for one mesh and cloud."""
    return create_job(jobs_dir, make_requests(prompt, seed=7, outputs="both", viewer=viewer)[0])


def run_job(
    job: JobFolder,
    live: LiveView,
    after_step: Callable[[int], None] = lambda index: None,
    views: Views | None = None,
    input_image: np.ndarray | None = None,
) -> list[str]:
    """Report a complete job to a RerunSink, and return the notices for the user."""
    notices: list[str] = []
    sink = RerunSink(job, live, notices.append)
    sink.start(job.read_request(), STARTED)
    sink.step(Notice(message="I do not know the word: flibber"))
    for index in range(1, STEPS + 1):
        sigma = float(STEPS - index)
        event = Progress(stage="sample", index=index, total=STEPS, elapsed_s=0.5 * index, sigma=sigma)
        sink.step(event, SimpleNamespace(input_image=input_image), noisy_cloud(sigma / STEPS))
        after_step(index)
    sink.step(Progress(stage="mesh", index=1, total=1, elapsed_s=4.0), SimpleNamespace(input_image=None))
    result = SimpleNamespace(mesh=ball(), cloud=noisy_cloud(0.0), views=views)
    save_geometry(job.mesh, result.mesh)
    counts = {"vertices": len(result.mesh.vertices), "faces": len(result.mesh.faces), "points": 500}
    sink.finish(Finished(elapsed_s=4.5, files={"mesh": "mesh.npz"}, **counts), result)
    return notices
