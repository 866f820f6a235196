# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker without a model: it writes the events and files of a job according to its prompt. For tests only.

Keywords in the prompt: "slowly" waits between steps until Blender has read events a few times, "dies" exits in the
middle, "fails" ends with an error, "breaks" only near the middle of blends, "knows not" emits a notice, "recognized"
that of an image, "broken file" writes a mesh that cannot be read, "other files" waits for a file "write" after the
object is made, "full disk" then ends with an error, "silent" accepts no job.
A requested thumbnail is a white image.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from blender_text3d.geometry import Mesh, PointCloud, save_geometry
from blender_text3d.geometry.png import encode_png
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Made, Notice, Progress, Started, ViewChosen
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import Request
from blender_text3d.system.files import atomic_write

STEPS = 4
READS = 4
LONGEST_STEP_S = 3.0
"""Of a slow step, if Blender reads no events: it waits for this worker, or is gone."""
TETRAHEDRON = np.array([[0, 0, 1], [1, 0, -1], [-0.5, 0.8, -1], [-0.5, -0.8, -1]], np.float32)
FACES = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], np.int32)


def main() -> None:
    for line in sys.stdin:
        command = json.loads(line)
        paths = command.get("do", [])
        for job in map(JobFolder, map(Path, command.get("thumbnails", []))):
            with atomic_write(job.thumbnail) as file:
                file.write(encode_png(np.full((4, 4, 4), 255, np.uint8)))
        for job in map(JobFolder, map(Path, [paths] if isinstance(paths, str) else paths)):
            if "silent" not in job.read_request().prompt and job.claim():
                run(job, job.read_request())
                break  # the client offers the others again


def run(job: JobFolder, request: Request) -> None:
    job.append(
        Started(
            pid=os.getpid(), host="here", device="cpu", device_name="Test Device", engine_version="0",
            torch_version="0", weights_sha256="abc",
        )
    )  # fmt: skip
    if "knows not" in request.prompt:
        job.append(Notice(message='The model does not know "zorg".'))
    if "recognized" in request.prompt:
        job.append(Notice(message="Recognized: a blue mug."))
    points = random_tetrahedron(request)
    for index in range(1, STEPS + 1):
        if job.is_cancel_requested():
            job.append(Cancelled(stage="sample", index=index))
            return
        if index == 2 and "dies" in request.prompt:
            os._exit(3)
        step(job, request, points, index)
    finish(job, request, points)


def random_tetrahedron(request: Request) -> np.ndarray:
    """Return vertices (4, 3) float32 that depend only on the seed."""
    offsets = np.random.default_rng(request.seed).random((4, 3), dtype=np.float32)
    return TETRAHEDRON + np.float32(0.2) * offsets


def colors(points: np.ndarray) -> np.ndarray:
    return np.tile(np.array([[0.8, 0.1, 0.1]], np.float32), (len(points), 1))


def step(job: JobFolder, request: Request, points: np.ndarray, index: int) -> None:
    save_geometry(job.preview, PointCloud(points, colors(points)))
    job.append(Progress(stage="sample", index=index, total=STEPS, elapsed_s=index, eta_s=STEPS - index, preview=True))
    wait_for_reader() if "slowly" in request.prompt else time.sleep(0.01)


def wait_for_reader() -> None:
    """Wait until Blender has read events a few times, or for a while if nobody counts how often it did.

    So a test that acts during a job has the time for it, however slow the machine is.
    """
    counted = Path(os.environ.get("TEXT3D_TEST_READS", ""))
    if not counted.is_file():
        time.sleep(0.3)
        return
    wanted, give_up = counted.stat().st_size + READS, time.monotonic() + LONGEST_STEP_S
    while counted.stat().st_size < wanted and time.monotonic() < give_up:
        time.sleep(0.01)


def finish(job: JobFolder, request: Request, points: np.ndarray) -> None:
    if "fails" in request.prompt:
        job.append(Failed(message="The card is full.", reason="out_of_memory", fix="Choose draft."))
        return
    if "breaks" in request.prompt and 0.33 < request.blend_strength < 0.67:
        job.append(Failed(message=f"It is broken at {request.blend_strength}.", reason="broken_blend", fix="Leave."))
        return
    files = write_views(job, request)
    if request.outputs in ("mesh", "both"):
        save_geometry(job.mesh, Mesh(points, FACES, colors(points)))
        files["mesh"] = job.mesh.name
    if request.outputs in ("cloud", "both"):
        save_geometry(job.cloud, PointCloud(points, colors(points)))
        files["cloud"] = job.cloud.name
    if "broken file" in request.prompt:
        job.mesh.write_bytes(b"no arrays")
    if "other files" in request.prompt:
        job.append(Made(elapsed_s=1.5, files=files, vertices=4, faces=4, points=4))
        wait_for(job.path / "write")
    if "full disk" in request.prompt:
        job.append(Failed(message="The disk is full.", reason="disk_full", fix="Free some space."))
        return
    job.append(Finished(elapsed_s=1.5, files=files, vertices=4, faces=4, points=4))


def write_views(job: JobFolder, request: Request) -> dict[str, str]:
    """Write the views of a three-step model, of which the last one is chosen, unless the view is given."""
    if not MODELS[request.model].image_model or request.image:
        return {}
    paths = [job.view_candidate(index) for index in range(request.candidates)]
    for index, path in enumerate(paths):
        path.write_bytes(encode_png(np.full((4, 4, 4), 40 * (index + 1) % 256, np.uint8)))
    job.append(ViewChosen(view=paths[-1].name, total=len(paths)))
    return {path.stem: path.name for path in paths}


def wait_for(path: Path) -> None:
    while not path.exists():
        time.sleep(0.01)


if __name__ == "__main__":
    main()
