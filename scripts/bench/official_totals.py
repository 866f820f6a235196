# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU time of complete runs, multiplied from single evaluations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from blender_text3d.protocol.models import MODELS

Measured = dict[tuple[str, str], dict]
OFFICIAL = 127
POINT_E, SHAP_E = "point-e/base40M-textvec", "shap-e/text300M"
BATCH = 4096
CLOUD_WANTED = {32: {"exact": 2.2, "standard": 11.0, "draft": 16.0}, 128: {"exact": 3.0, "standard": 13.0, "draft": 18}}
LATENT_WANTED = {"exact": 1.4, "standard": 7.0, "draft": 10.0}
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


def evaluations(model: str) -> dict[str, int]:
    """Return the network evaluations by quality: one per step, or two with Heun, whose last step is Euler's."""
    steps = {quality: sampling.steps for quality, sampling in MODELS[model].qualities.items()}
    return {quality: 2 * count - 1 if quality == "exact" else count for quality, count in steps.items()}


def has_stages(cost: Mapping[tuple[str, str], float], *stages: str) -> bool:
    """True if both sides of all stages were measured."""
    return all((stage, side) in cost for stage in stages for side in ("ours", "official"))


def cloud_runs(
    cost: Mapping[tuple[str, str], float], grid: int, queries: int, wanted: Mapping[str, float]
) -> Iterator[Run]:
    """Yield the runs from text to 4,096 points to a mesh."""

    def seconds(side: str, evaluations: int, queries: int) -> float:
        diffusions = evaluations * (cost["base", side] + cost["upsample", side])
        return diffusions + cost["encode", side] + cost["query", side] * queries / BATCH

    official_s = seconds("official", OFFICIAL, grid**3)
    for quality, count in evaluations(POINT_E).items():
        yield Run(
            f"text to cloud to {grid}^3 mesh", quality, seconds("ours", count, queries), official_s, wanted[quality]
        )


def latent_runs(cost: Mapping[tuple[str, str], float]) -> Iterator[Run]:
    """Yield the runs from text to a Shap-E mesh, and the same with a preview at every step."""
    official_s = OFFICIAL * cost["prior", "official"]
    counts = evaluations(SHAP_E)
    for quality, count in counts.items():
        ours_s = count * cost["prior", "ours"] + cost["decode", "ours"]
        total_s = official_s + cost["decode", "official"]
        yield Run("text to Shap-E 128^3 mesh", quality, ours_s, total_s, LATENT_WANTED[quality])
    if ("preview", "ours") in cost:
        ours_s = counts["standard"] * (cost["prior", "ours"] + cost["preview", "ours"]) + cost["decode", "ours"]
        streamed_s = official_s + YIELDS * cost["decode", "official"]
        yield Run("the same, shown at every step", "standard", ours_s, streamed_s, STREAMED_WANTED)
