# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of a recording: the recipe, and a sentence for each kind of event."""

from dataclasses import replace

import pytest

from blender_text3d.protocol.events import Cancelled, Failed, Finished, Notice, Progress, Queued
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.rerun.text import escape_markdown, format_counts, recipe_markdown, sentence
from tests.worker.rerun.sample_job import STARTED


def test_a_recipe_is_a_heading_and_a_table_of_what_is_needed_to_make_the_object_again():
    (request,) = make_requests(
        "a red chair", model="mini/shap-e", seed=7, steps=9, guidance=2.50, grid=48, outputs="both"
    )
    assert recipe_markdown(request, STARTED).splitlines() == [
        "# a red chair",
        "",
        "| | |",
        "| --- | --- |",
        r"| Model | mini/shap\-e |",
        "| Seed | 7 |",
        rf"| Quality | {request.quality}: 9 steps, guidance 2\.5, grid 48 |",
        "| Outputs | both |",
        "| Device | Some CPU |",
        r"| Engine | 0\.1\.0, weights abababababab |",
    ]


def test_a_device_without_a_name_is_shown_as_its_type():
    (request,) = make_requests("a", seed=7)
    started = replace(STARTED, device_name="", device="cuda:0")
    assert "| Device | cuda:0 |" in recipe_markdown(request, started)
    assert sentence(started) == "Started on cuda:0"


@pytest.mark.parametrize("character", list(r"\`*_{}[]<>()#+-.!|~"))
def test_a_character_of_markdown_is_escaped(character):
    assert escape_markdown(f"a{character}b") == f"a\\{character}b"


def test_other_characters_are_not_escaped():
    assert escape_markdown("a cup & é: 5 % /,;'\"=@^$?") == "a cup & é: 5 % /,;'\"=@^$?"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (STARTED, "Started on Some CPU"),
        (Progress(stage="sample", index=1, total=64), "sample: 64 steps"),
        (Progress(stage="mesh", index=1, total=1), "mesh"),
        (Progress(stage="load", index=0, total=0), "load: 0 steps"),
        (Notice(message="Look."), "Look."),
        (Finished(elapsed_s=3.14, files={}, vertices=8, faces=12), "Finished in 3.1 s: 8 vertices, 12 faces"),
        (Cancelled(stage="sample", index=2), "Cancelled in stage sample, step 2"),
        (Failed(message="It failed.", reason="internal", fix="Try again."), "It failed. Try again."),
        (Queued(), "queued"),
    ],
)
def test_an_event_is_one_sentence(event, expected):
    assert sentence(event) == expected


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, "nothing"),
        ({"points": 4096}, "4096 points"),
        ({"vertices": 1, "faces": 2, "points": 3}, "1 vertices, 2 faces, 3 points"),
    ],
)
def test_what_was_made_is_counted(counts, expected):
    assert format_counts(Finished(elapsed_s=1.0, files={}, **counts)) == expected
