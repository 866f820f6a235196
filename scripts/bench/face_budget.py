# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the meshes of the face budget against the full ones; prints a table. scripts/bench --face-budget runs it.

Each object of 24 prompts is made once, with all faces, and simplified to the budgets of the qualities. Times are
seconds of the CPU, best of three runs, so that other programs on the machine hardly count.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.engine.generate import Engine, Recipe
from blender_text3d.engine.surface.clean import SurfaceReport, main_parts
from blender_text3d.engine.surface.simplify import simplified
from blender_text3d.geometry import Mesh, save_geometry
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import make_requests
from blender_text3d.system.deflate_npz import deflate_npz
from scripts.bench.mesh_quality import mesh_quality, smallest_angles_deg

PROMPTS = (
    "a red chair", "a house with a red roof", "a green tree", "a blue car", "a wooden table", "a mushroom",
    "a yellow mug", "a teapot", "an armchair", "a lamp", "a boat with a white sail", "a snowman", "a sword", "a rocket",
    "a stool", "a hammer", "a cactus in a pot", "a cat", "an airplane", "a ladder", "a bed", "a guitar", "a donut",
    "a castle tower",
)  # fmt: skip
MINI_MODELS = ("mini/shap-e", "mini/point-e")
BUDGETS = {"draft": (3000,), "standard": (10_000, 40_000)}
"""Budgets by the quality of the full mesh; that of exact quality is as fine as that of standard quality."""
REPEATS = 3
COLUMNS = (
    "model, quality, budget", "faces, full", "faces", "distance %", "color of 255", "angle, full", "angle", "flipped %",
    "kB, full", "kB", "CPU s", "as closed, parts kept",
)  # fmt: skip


def main() -> None:
    """Print the table: the mean over the objects and, in brackets, the worst."""
    engine = Engine()
    print("| " + " | ".join(COLUMNS) + " |\n| --- |" + " ---: |" * (len(COLUMNS) - 1))
    for model in MINI_MODELS:
        for quality, budgets in BUDGETS.items():
            meshes = [full_mesh(engine, model, quality, seed, prompt) for seed, prompt in enumerate(PROMPTS, 1)]
            for budget in budgets:
                rows = np.array([measured(mesh, budget) for mesh in meshes], float)
                print(table_row(f"{model}, {quality}, {budget:,}", rows), flush=True)


def measured(full: Mesh, budget: int) -> tuple[float, ...]:
    """Return the row of one object."""
    times_s = []
    for _ in range(REPEATS):
        start = time.process_time()
        mesh = simplified(full, budget)
        times_s.append(time.process_time() - start)
    difference, angle = mesh_quality(full, mesh), float(np.percentile(smallest_angles_deg(full), 1))
    return (
        len(full.faces), len(mesh.faces), difference.distance_percent, difference.color_error, angle,
        difference.angle_deg, difference.flipped_percent, stored_kb(full), stored_kb(mesh), min(times_s),
        report_of(mesh) == report_of(full),
    )  # fmt: skip


def table_row(name: str, rows: np.ndarray) -> str:
    """Return the means of objects (N, 11) with the worst in brackets; the worst angle is the smallest."""
    worst = rows.max(axis=0)
    worst[[4, 5]] = rows.min(axis=0)[[4, 5]]
    digits = (0, 0, 3, 2, 1, 1, 2, 0, 0, 2)
    cells = [
        f"{mean:,.{digit}f} ({bad:,.{digit}f})"
        for mean, bad, digit in zip(rows.mean(axis=0), worst, digits, strict=False)
    ]
    return f"| {name} | " + " | ".join([*cells, f"{int(rows[:, -1].sum())} of {len(rows)}"]) + " |"


def full_mesh(engine: Engine, model: str, quality: str, seed: int, prompt: str) -> Mesh:
    """Return the mesh of a prompt with all its faces."""
    solver = make_requests(prompt, model=model, quality=quality)[0].solver or "dpm++2m"
    sampling = MODELS[model].qualities[quality]
    steps = engine.generate(Recipe(prompt, model, seed, **sampling._asdict(), solver=solver, device="cpu"))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value.mesh


def report_of(mesh: Mesh) -> SurfaceReport:
    """Return whether a mesh is closed, and its number of parts."""
    return main_parts(mesh.vertices, mesh.faces, min_share=0.0)[2]


def stored_kb(mesh: Mesh) -> float:
    """Return the kilobytes of the mesh in a job folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mesh.npz"
        save_geometry(path, mesh)
        deflate_npz(path)
        return path.stat().st_size / 1000


if __name__ == "__main__":
    main()
