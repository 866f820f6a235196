# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark against the official packages: the multiplied runs and the table."""

import pytest

from scripts.bench.official_table import table
from scripts.bench.official_totals import evaluations, whole_runs

QUERIES = {32: 32_768, 128: 409_600}
HALF = 1.5
STAGES = {"base": (2, 4), "upsample": (8, 16), "encode": (1, 3), "query": (1, 2), "prior": (10, 16), "decode": (4, 40)}


def measured(**changed: tuple[float, float]) -> dict:
    """Return made-up CPU seconds of both engines."""
    sides = ("ours", "official")
    return {
        (stage, side): {"cpu_s": seconds, "wall_s": seconds, "peak_mb": 100.0}
        for stage, both in (STAGES | changed).items()
        for side, seconds in zip(sides, both, strict=True)
    } | {(f"{stage} half", "ours"): {"cpu_s": HALF, "wall_s": HALF, "peak_mb": 90.0} for stage in ("base", "prior")}


def runs(measurements: dict) -> dict:
    return {(run.name, run.quality): run for run in whole_runs(measurements, QUERIES)}


def test_a_cloud_and_its_mesh_are_127_evaluations_of_two_networks_and_all_queries_of_the_grid():
    run = runs(measured())["text to cloud to 32^3 mesh", "standard"]
    assert run.official_s == 127 * (4 + 16) + 3 + 2 * 8
    assert run.ours_s == 19 * 2 + 6 * HALF + 25 * 8 + 1 + 1 * 8


def test_our_finer_mesh_costs_its_own_number_of_queries():
    run = runs(measured())["text to cloud to 128^3 mesh", "draft"]
    assert run.official_s == 127 * 20 + 3 + 2 * 512
    assert run.ours_s == 12 * 2 + 4 * HALF + 16 * 8 + 1 + 1 * 100


def test_a_streamed_run_decodes_at_every_step():
    times = measured() | {("preview", "ours"): {"cpu_s": 0.5}}
    run = runs(times)["the same, shown at every step", "standard"]
    assert (run.ours_s, run.official_s) == (12 * 10 + 4 * HALF + 16 * 0.5 + 4, 127 * 16 + 65 * 40)


def test_a_half_of_guidance_costs_what_was_measured():
    run = runs(measured())["text to Shap-E 128^3 mesh", "draft"]
    assert (run.ours_s, run.official_s) == (8 * 10 + 2 * HALF + 4, 127 * 16 + 40)
    times = measured()
    del times["prior half", "ours"]
    assert not [name for name, _ in runs(times) if "Shap-E" in name]


def test_the_table_names_what_kept_a_processor_from_its_instructions():
    assert "with A=1 B=2;" in table(
        measured() | {("floor", "ours"): {"cpu_s": 1.0, "gflops": 79.0}}, QUERIES, {"A": "1", "B": "2"}
    )
    assert "with" not in table(measured(), QUERIES).splitlines()[0]


def test_a_half_has_a_line_of_one_side():
    (line,) = [line for line in table(measured(), QUERIES).splitlines() if "text300M, the conditional half" in line]
    assert line.startswith("| text300M, the conditional half alone (B 1) | 1.5 | – | – | – | 90 | – |")


def test_evaluations_follow_the_qualities_and_exact_has_two_per_step_but_the_last():
    assert evaluations("point-e/base40M-textvec") == {"draft": (12, 4), "standard": (19, 6), "exact": (127, 0)}
    assert evaluations("shap-e/text300M") == {"draft": (8, 2), "standard": (12, 4), "exact": (127, 0)}


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
