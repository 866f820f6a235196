# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU time of complete runs, multiplied from single evaluations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from blender_text3d.protocol.models import MODELS, Sampling
from blender_text3d.protocol.samplings import reused_steps

Measured = dict[tuple[str, str], dict]
OFFICIAL = 127
POINT_E, SHAP_E = "point-e/base40M-textvec", "shap-e/text300M"
BATCH = 4096
HALVES = ("base half", "prior half")
"""Stages of the conditional half alone, which the official packages never evaluate."""
CLOUD_WANTED = {32: {"exact": 2.2, "standard": 11.0, "draft": 16.0}, 128: {"exact": 3.0, "standard": 13.0, "draft": 18}}
LATENT_WANTED = {"exact": 1.3, "standard": 9.0, "draft": 14.0}
STREAMED_WANTED, YIELDS = 12.0, 65


@dataclass(frozen=True)
class Run:
    """CPU seconds of one run by this engine and by the official packages, and the target ratio."""

    name: str
    quality: str
    ours_s: float
    official_s: float
    wanted: float


def whole_runs(measured: Measured, queries: Mapping[int, int]) -> Iterator[Run]:
    """Yield the runs whose stages were all measured.

    Args:
        measured: figures by (stage, side).
        queries: number of queries of Point-E's mesh extraction by grid points per side.
    """
    cost = {key: figures["cpu_s"] for key, figures in measured.items()}
    if has_stages(cost, "base", "upsample", "encode", "query"):
        for grid, wanted in CLOUD_WANTED.items():
            yield from cloud_runs(cost, grid, queries[grid], wanted)
    if has_stages(cost, "prior", "decode"):
        yield from latent_runs(cost)


class Evaluations(NamedTuple):
    """Evaluations of a guided network in one run.

    Attributes:
        both: those of both halves of guidance in one batch.
        conditional: those of the conditional half alone, where guidance is reused.
    """

    both: int
    conditional: int

    @property
    def total(self) -> int:
        """Evaluations of a network without guidance."""
        return self.both + self.conditional


def evaluations(model: str) -> dict[str, Evaluations]:
    """Return the evaluations by quality: one per step, or two with Heun, whose last step is Euler's."""
    return {quality: evaluations_of(quality, sampling) for quality, sampling in MODELS[model].qualities.items()}


def evaluations_of(quality: str, sampling: Sampling) -> Evaluations:
    """Return the evaluations of a quality."""
    if quality == "exact":
        return Evaluations(2 * sampling.steps - 1, 0)
    conditional = reused_steps(sampling.steps, sampling.guidance_every)
    return Evaluations(sampling.steps - conditional, conditional)


def guided_s(cost: Mapping[tuple[str, str], float], stage: str, count: Evaluations) -> float:
    """Return CPU seconds of this engine for a network's evaluations; `STAGE half` is the conditional half alone."""
    return count.both * cost[stage, "ours"] + count.conditional * cost[f"{stage} half", "ours"]


def has_stages(cost: Mapping[tuple[str, str], float], *stages: str) -> bool:
    """True if both sides of all stages were measured, and the conditional half of guided networks."""
    halves = [(half, "ours") for half in HALVES if half.removesuffix(" half") in stages]
    return all(key in cost for key in (*((stage, side) for stage in stages for side in ("ours", "official")), *halves))


def cloud_runs(
    cost: Mapping[tuple[str, str], float], grid: int, queries: int, wanted: Mapping[str, float]
) -> Iterator[Run]:
    """Yield the runs from text to 4,096 points to a mesh."""

    def meshing_s(side: str, queries: int) -> float:
        return cost["encode", side] + cost["query", side] * queries / BATCH

    official_s = OFFICIAL * (cost["base", "official"] + cost["upsample", "official"]) + meshing_s("official", grid**3)
    for quality, count in evaluations(POINT_E).items():
        clouds_s = guided_s(cost, "base", count) + count.total * cost["upsample", "ours"]
        ours_s = clouds_s + meshing_s("ours", queries)
        yield Run(f"text to cloud to {grid}^3 mesh", quality, ours_s, official_s, wanted[quality])


def latent_runs(cost: Mapping[tuple[str, str], float]) -> Iterator[Run]:
    """Yield the runs from text to a Shap-E mesh, and the same with a preview at every step."""
    official_s = OFFICIAL * cost["prior", "official"]
    counts = evaluations(SHAP_E)
    for quality, count in counts.items():
        ours_s = guided_s(cost, "prior", count) + cost["decode", "ours"]
        total_s = official_s + cost["decode", "official"]
        yield Run("text to Shap-E 128^3 mesh", quality, ours_s, total_s, LATENT_WANTED[quality])
    if ("preview", "ours") in cost:
        count = counts["standard"]
        previews_s = count.total * cost["preview", "ours"]
        ours_s = guided_s(cost, "prior", count) + previews_s + cost["decode", "ours"]
        streamed_s = official_s + YIELDS * cost["decode", "official"]
        yield Run("the same, shown at every step", "standard", ours_s, streamed_s, STREAMED_WANTED)
