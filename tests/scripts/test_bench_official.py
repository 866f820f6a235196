# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark against the official packages: the multiplied runs and the table."""

import pytest

from scripts.bench.official_table import table
from scripts.bench.official_totals import evaluations, whole_runs

QUERIES = {32: 32_768, 128: 409_600}
STAGES = {"base": (2, 4), "upsample": (8, 16), "encode": (1, 3), "query": (1, 2), "prior": (10, 16), "decode": (4, 40)}


def measured(**changed: tuple[float, float]) -> dict:
    """Return made-up CPU seconds of both engines."""
    sides = ("ours", "official")
    return {
        (stage, side): {"cpu_s": seconds, "wall_s": seconds, "peak_mb": 100.0}
        for stage, both in (STAGES | changed).items()
        for side, seconds in zip(sides, both, strict=True)
    }


def runs(measurements: dict) -> dict:
    return {(run.name, run.quality): run for run in whole_runs(measurements, QUERIES)}


def test_a_cloud_and_its_mesh_are_127_evaluations_of_two_networks_and_all_queries_of_the_grid():
    run = runs(measured())["text to cloud to 32^3 mesh", "standard"]
    assert run.official_s == 127 * (4 + 16) + 3 + 2 * 8
    assert run.ours_s == 25 * (2 + 8) + 1 + 1 * 8


def test_our_finer_mesh_costs_its_own_number_of_queries():
    run = runs(measured())["text to cloud to 128^3 mesh", "draft"]
    assert run.official_s == 127 * 20 + 3 + 2 * 512
    assert run.ours_s == 16 * 10 + 1 + 1 * 100


def test_a_streamed_run_decodes_at_every_step():
    times = measured() | {("preview", "ours"): {"cpu_s": 0.5}}
    run = runs(times)["the same, shown at every step", "standard"]
    assert (run.ours_s, run.official_s) == (25 * 10.5 + 4, 127 * 16 + 65 * 40)


def test_evaluations_follow_the_qualities_and_exact_has_two_per_step_but_the_last():
    assert evaluations("point-e/base40M-textvec") == {"draft": 16, "standard": 25, "exact": 127}
    assert evaluations("shap-e/text300M") == {"draft": 16, "standard": 25, "exact": 127}


def test_a_missed_target_is_marked():
    text = table(measured(prior=(15, 16)), QUERIES)
    (line,) = [line for line in text.splitlines() if "Shap-E 128^3 mesh | exact" in line]
    assert line.endswith("**no** |")


def test_the_table_states_that_runs_are_multiplied_and_lists_missing_stages():
    text = table(measured(), QUERIES)
    assert "MULTIPLIED" in text
    assert "Not measured: marching cubes at 128^3; marching cubes at 256^3; a 300M checkpoint" in text


@pytest.mark.parametrize("stage", ["prior", "decode"])
def test_a_run_with_an_unmeasured_stage_is_left_out(stage):
    times = {key: figures for key, figures in measured().items() if key[0] != stage}
    assert not [name for name, _ in runs(times) if "Shap-E" in name]
