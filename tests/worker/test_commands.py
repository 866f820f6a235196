# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the client as commands."""

import json
from pathlib import Path

import pytest

from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.commands import MissingThumbnails, Offer, Preload, commands_from


def folders(*names):
    return tuple(JobFolder(Path(name)) for name in names)


@pytest.mark.parametrize(
    ("values", "command"),
    [
        ({"do": "/jobs/a b"}, Offer(folders("/jobs/a b"), None)),
        ({"do": ["a", "b"]}, Offer(folders("a", "b"), None)),
        ({"do": ["b", "a"], "at_once": 3}, Offer(folders("b", "a"), 3)),
        ({"do": ["a"], "at_once": None}, Offer(folders("a"), None)),
        ({"do": ["a"], "at_once": "2"}, Offer(folders("a"), 2)),
        ({"do": ["a"], "object_only": True}, Offer(folders("a"), object_only=True)),
        ({"do": ["a"], "more": 1}, Offer(folders("a"), None)),
        ({"thumbnails": ["b", "a"]}, MissingThumbnails(folders("b", "a"))),
        ({"thumbnails": "a"}, MissingThumbnails(folders("a"))),
        ({"preload": "mini/shap-e", "device": "cpu"}, Preload("mini/shap-e", "cpu")),
    ],
)
def test_a_line_is_an_offer_of_jobs_a_list_of_jobs_without_thumbnails_or_a_model_to_load(values, command):
    assert list(commands_from([json.dumps(values) + "\n"])) == [command]


@pytest.mark.parametrize(
    "line",
    [
        "", "\n", "{", "null", "[]", "5", '"do"', "{}", '{"do": []}', '{"do": null}', '{"do": 5}', '{"do": [5]}',
        '{"thumbnails": []}', '{"do": ["a"], "at_once": []}', '{"do": ["a"], "at_once": 1e999}', "[" * 100_000,
    ],
)  # fmt: skip
def test_a_line_that_names_no_job_is_reported_and_the_next_one_read(line, capsys):
    assert list(commands_from([line, '{"do": "a"}'])) == [Offer(folders("a"))]
    assert capsys.readouterr().err == f"This line names no job folder: {line!r}\n"


def test_commands_are_read_one_by_one():
    lines = iter(['{"do": "a"}', '{"do": "b"}'])
    assert next(commands_from(lines)) == Offer(folders("a"))
    assert next(lines) == '{"do": "b"}'
