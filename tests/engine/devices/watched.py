# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a simulated device, with the host's waits inside the solvers' loops."""

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from blender_text3d.engine.generate import Engine
from scripts.testing.simulated_device import Counts, simulated_cuda, simulated_mps

DEVICES = {"cuda": simulated_cuda, "mps": simulated_mps}
SOLVER_STAGES = ("sample", "points", "upsample", "image", "enlarge")


@dataclass
class Run:
    """Steps and results of a batch.

    Attributes:
        waits: the host's waits between the first and the last step of each solver, by operation and place, but for
            those of CUDA graphs, which wait once before and once after a capture.
        evaluated: solver steps per stage.
        captures: number of graphs that were captured in solvers.
    """

    steps: list
    results: list
    waits: Counter
    evaluated: Counter
    captures: int = 0

    def add_waits(self, waits):
        """Add the waits of a step."""
        of_graphs = Counter({name: number for name, number in waits.items() if "engine/cuda_graphs/" in name})
        self.waits += waits - of_graphs
        captures = of_graphs["capture of a graph in engine/cuda_graphs/recording.py:_capture"]
        assert of_graphs.total() == 2 * captures
        self.captures += captures


@contextmanager
def device_of(kind):
    """Let a device be there; yields its counts."""
    with DEVICES[kind]() as counts:
        yield counts


def run(counts: Counts, *recipes, engine=None) -> Run:
    """Run recipes as one batch without asking for a preview."""
    stream = (engine or Engine()).generate_batch(recipes)
    done, stage, before = Run([], [], Counter(), Counter()), None, Counter()
    while True:
        try:
            index, step = next(stream)
        except StopIteration as end:
            done.results = end.value
            return done
        done.steps.append((index, step))
        if index == 0 and step.stage in SOLVER_STAGES and (step.stage != "image" or step.notice is None):
            if step.stage == stage:
                done.add_waits(counts.waits - before)
            done.evaluated[step.stage] += step.index > 0
            stage, before = step.stage, counts.waits.copy()


def assert_finite(result):
    """No array of a result has a number that is not finite."""
    mesh, cloud, views = result.mesh, result.cloud, result.views
    arrays = [result.latent, result.step_latents]
    arrays += [mesh.vertices, mesh.colors] if mesh else []
    arrays += [cloud.points, cloud.colors] if cloud else []
    arrays += [views.images] if views else []
    arrays = [array for array in arrays if array is not None]
    assert arrays
    assert all(array.size and np.isfinite(array).all() for array in arrays)


def waits_for_noise(kind, steps, first=False):
    """The only waits between the steps: for fresh noise, on a device that cannot copy it meanwhile.

    Args:
        kind: "cuda" or "mps".
        steps: steps that add noise.
        first: True if the first noise is drawn after the step 0.
    """
    draws = steps + first
    return {"copy from the CPU in engine/device.py:moved": draws} if kind == "mps" and draws else {}
