# SPDX-License-Identifier: GPL-3.0-or-later
"""The list and the command of a run on a cluster."""

import json

import pytest

from blender_text3d.batch.__main__ import options_from
from blender_text3d.batch.orders import chunk_of
from blender_text3d.batch.prompt_lists.prompt_list import read_prompt_list
from blender_text3d.client.cluster_run import new_folder, setting_flags, write_list, write_prompts
from blender_text3d.protocol.request import SEEDS, make_requests


def requests_of(listed, request, *flags):
    """The requests that the command makes of a list."""
    arguments = ["--jobs", str(listed), "--out", str(listed.parent), "--seed", str(request.seed)]
    options = options_from([*arguments, *setting_flags(request), *flags])
    return [order.request for order in chunk_of(read_prompt_list(listed).rows, options).orders]


@pytest.mark.parametrize("count", [1, 100, 101, 250])
def test_one_prompt_becomes_consecutive_seeds(tmp_path, count):
    (request,) = make_requests("# a red chair", seed=7)
    made = requests_of(write_list(tmp_path, request, count), request)
    assert [one.seed for one in made] == list(range(7, 7 + count))
    assert {one.prompt for one in made} == {"# a red chair"}


def test_seeds_begin_again_at_0(tmp_path):
    (request,) = make_requests("a red chair", seed=SEEDS - 100)
    lines = map(json.loads, write_list(tmp_path, request, 300).read_text().splitlines())
    assert [line["seed"] for line in lines] == [SEEDS - 100, 0, 100]


def test_the_settings_of_the_panel_arrive(tmp_path):
    chosen = {
        "quality": "draft",
        "size_m": 0.4,
        "is_flat": True,
        "max_faces": 500,
        "rotation_deg": 90,
    }
    (request,) = make_requests(
        "a red chair", seed=1, variation_seed=5, variation_strength=0.25, face_budget=800, **chosen
    )
    (made,) = requests_of(write_list(tmp_path, request, 1), request)
    assert made == request


def test_an_image_is_read_from_the_folder_of_the_list(tmp_path):
    (tmp_path / "image.png").touch()
    (request,) = make_requests("my chair", seed=1, image="/elsewhere/chair.png")
    (made,) = requests_of(write_list(tmp_path, request, 1, "image.png"), request)
    assert made.image == str(tmp_path / "image.png")


def test_each_line_of_a_text_is_a_prompt_with_the_count(tmp_path):
    (request,) = make_requests("an object", seed=4)
    listed = write_prompts(tmp_path, "a red chair\n\n# a comment\n  a blue mug, with a handle\n", "Text", 2)
    made = [(one.prompt, one.seed) for one in requests_of(listed, request)]
    mug = "a blue mug, with a handle"
    assert made == [("a red chair", 4), ("a red chair", 5), (mug, 4), (mug, 5)]


def test_a_text_named_csv_is_read_as_one(tmp_path):
    (request,) = make_requests("an object", seed=4)
    listed = write_prompts(tmp_path, "prompt,seed,quality\na red chair,9,draft\n", "Props.csv", 1)
    (made,) = requests_of(listed, request)
    assert (made.prompt, made.seed, made.quality) == ("a red chair", 9, "draft")


def test_each_run_has_a_folder_of_its_own(tmp_path):
    folders = {new_folder(tmp_path / "runs") for _ in range(3)}
    assert len(folders) == 3
    assert all(folder.is_dir() for folder in folders)
