# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark against the official packages: what is multiplied, and what is said of it."""

import pytest

from scripts.bench.official_table import table  # noqa: E402
from scripts.bench.official_totals import evaluations, whole_runs  # noqa: E402

QUERIES = {32: 32_768, 128: 409_600}
STAGES = {"base": (2, 4), "upsample": (8, 16), "encode": (1, 3), "query": (1, 2), "prior": (10, 16), "decode": (4, 40)}


def measured(**changed: tuple[float, float]) -> dict:
    """Made-up times: CPU seconds of ours and of the official packages."""
    sides = ("ours", "official")
    return {
        (stage, side): {"cpu_s": seconds, "wall_s": seconds, "peak_mb": 100.0}
        for stage, both in (STAGES | changed).items()
        for side, seconds in zip(sides, both, strict=True)
    }


def runs(measurements: dict) -> dict:
    return {(run.name, run.quality): run for run in whole_runs(measurements, QUERIES)}


def test_a_cloud_and_its_mesh_are_127_evaluations_of_two_networks_and_all_queries_of_the_lattice():
    run = runs(measured())["text to cloud to 32^3 mesh", "standard"]
    assert run.official_s == 127 * (4 + 16) + 3 + 2 * 8
    assert run.ours_s == 25 * (2 + 8) + 1 + 1 * 8


def test_our_finer_mesh_is_charged_for_the_places_that_it_asks_about():
    run = runs(measured())["text to cloud to 128^3 mesh", "draft"]
    assert run.official_s == 127 * 20 + 3 + 2 * 512
    assert run.ours_s == 16 * 10 + 1 + 1 * 100


def test_a_streamed_run_decodes_at_every_step_each_engine_its_own_way():
    times = measured() | {("preview", "ours"): {"cpu_s": 0.5}}
    run = runs(times)["the same, shown at every step", "standard"]
    assert (run.ours_s, run.official_s) == (25 * 10.5 + 4, 127 * 16 + 65 * 40)


def test_networks_are_asked_as_often_as_the_qualities_say_and_exact_twice_a_step_but_the_last():
    assert evaluations("point-e/base40M-textvec") == {"draft": 16, "standard": 25, "exact": 127}
    assert evaluations("shap-e/text300M") == {"draft": 16, "standard": 25, "exact": 127}


def test_a_target_that_is_missed_is_said_to_be():
    text = table(measured(prior=(15, 16)), QUERIES)
    (line,) = [line for line in text.splitlines() if "Shap-E 128^3 mesh | exact" in line]
    assert line.endswith("**no** |")


def test_the_table_says_that_whole_runs_are_multiplied_and_what_was_not_measured():
    text = table(measured(), QUERIES)
    assert "MULTIPLIED" in text
    assert "Not measured: marching cubes at 128^3; marching cubes at 256^3; a 300M checkpoint" in text


@pytest.mark.parametrize("stage", ["prior", "decode"])
def test_a_run_with_a_stage_that_was_not_measured_is_left_out(stage):
    times = {key: told for key, told in measured().items() if key[0] != stage}
    assert not [name for name, _ in runs(times) if "Shap-E" in name]
