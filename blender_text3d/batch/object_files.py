# SPDX-License-Identifier: GPL-3.0-or-later
"""A finished job → the files of its object: ID.glb, ID.webp, ID.json with all facts, and the latent if wanted.

The same recipe gives the same bytes on the same machine: what differs each time, such as seconds, is in .row.
"""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from ..engine.weights.catalogue import CHECKPOINTS, REQUIRED_CHECKPOINTS
from ..exports.export_job import export_job
from ..exports.formats import targets_of
from ..geometry import Mesh, PointCloud, load_geometry
from ..geometry.mesh_parts import is_watertight, part_count
from ..geometry.placement import placement_of
from ..geometry.thumbnail import thumbnail
from ..protocol.events import Finished
from ..protocol.exported_files import PARTS
from ..protocol.job_folder import JobFolder
from ..protocol.job_recipe import job_recipe
from .object_facts import described, write_row_values
from .orders import ChunkOrder

FACTS_VERSION = 1
FACTS = ("weights_sha256", "engine_version", "torch_version", "device", "device_name")
OWN_LICENSE = "GPL-3.0-or-later"
WEBP_QUALITY = 90


def write_object(
    job: JobFolder, order: ChunkOrder, folder: Path, *, attempt: int, has_latent: bool = False, is_judged: bool = False
) -> None:
    """Write the files of a finished job's object to a new folder.

    Args:
        job: The job.
        order: What it made.
        folder: The folder, which must not exist.
        attempt: 1, or more after failures.
        has_latent: True to keep the latent, if the model has one.
        is_judged: True to look at the picture of a mesh for kind and color.

    Raises:
        InvalidJob, ValueError: The job's files cannot be used.
        OSError: A file cannot be read or written.
    """
    folder.mkdir()
    last = job.last_event()
    made = last.files if isinstance(last, Finished) else {}
    stem = str(folder / order.object_id)
    parts = [part for part in PARTS if part in made]
    recipe = job_recipe(order.object_id, order.request, job.events())
    targets = targets_of(parts, ("glb",), {"mesh": stem, "cloud": f"{stem}.cloud" if "mesh" in parts else stem})
    export_job(job, targets, recipe=recipe)
    geometry = load_geometry(job.own_file(made[parts[0]]))
    Image.fromarray(thumbnail(geometry)).save(f"{stem}.webp", quality=WEBP_QUALITY)
    if has_latent and "latent" in made:
        shutil.copyfile(job.own_file(made["latent"]), f"{stem}.latent.npz")
    facts = facts_of(order, recipe, geometry) | {"files": file_facts(folder, order.object_id)}
    (folder / f"{order.object_id}.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
    seconds = last.elapsed_s if isinstance(last, Finished) else 0.0
    row = {"seconds": seconds, "attempt": attempt, "made_at": datetime.now(UTC).isoformat(timespec="seconds")}
    write_row_values(folder, row | (judge(Path(f"{stem}.webp")) if is_judged and "mesh" in parts else {}))


def judge(picture: Path) -> dict[str, str]:
    """Return kind and color of the object in a picture, as far as they are known."""
    from ..engine.image.judge import judged  # imports PyTorch

    return judged(picture)


def facts_of(order: ChunkOrder, recipe: dict[str, Any], geometry: Mesh | PointCloud) -> dict[str, Any]:
    """Return what is known about an object besides its files."""
    request, recipe = order.request, dict(recipe)
    facts = {name: recipe.pop(name) for name in FACTS}
    recipe = {name: value for name, value in recipe.items() if name != "job_id"}
    return {
        "version": FACTS_VERSION,
        "id": order.object_id,
        "prompt": request.prompt,
        "seed": request.seed,
        "model": request.model,
        "parameters": recipe,
        **facts,
        "license": license_of(request.model),
        **shape_of(geometry, request.size_m, request.rotation_deg),
    }


def shape_of(geometry: Mesh | PointCloud, size_m: float, rotation_deg: int) -> dict[str, Any]:
    """Return counts, wholeness and the sides of the box in meters; a point cloud has no faces."""
    is_mesh = isinstance(geometry, Mesh)
    points = geometry.vertices if isinstance(geometry, Mesh) else geometry.points
    placed = placement_of(points, size_m, rotation_deg).apply(points)
    box = [round(float(side), 6) for side in placed.max(axis=0) - placed.min(axis=0)]
    return {
        "vertices": len(points) if is_mesh else 0,
        "faces": len(geometry.faces) if isinstance(geometry, Mesh) else 0,
        "points": 0 if is_mesh else len(points),
        "watertight": is_watertight(geometry.faces) if isinstance(geometry, Mesh) else None,
        "parts": part_count(geometry.vertices, geometry.faces) if isinstance(geometry, Mesh) else None,
        "box_m": box,
    }


def license_of(model: str) -> str:
    """Return the license of a model's weights, as an SPDX name; "" for weights that the catalogue does not have."""
    if model.startswith("mini/"):
        return OWN_LICENSE
    names = REQUIRED_CHECKPOINTS.get(model, ())
    return " AND ".join(sorted({CHECKPOINTS[name].license for name in names}))


def file_facts(folder: Path, object_id: str) -> dict[str, dict[str, Any]]:
    """Return bytes and hash of each file in a folder by the end of its name, such as "glb"."""
    return {path.name.removeprefix(f"{object_id}."): described(path.read_bytes()) for path in sorted(folder.iterdir())}
