# SPDX-License-Identifier: GPL-3.0-or-later
"""The command of a report makes exactly the object of the recipe, and untrusted recipes add no flags."""

import hashlib
import shlex
from dataclasses import replace

import pytest

from blender_text3d.batch.recipe_command import generate_command
from blender_text3d.engine.mini.files import FOLDER
from blender_text3d.protocol.earlier_weights import EARLIER_WEIGHTS
from blender_text3d.protocol.request import make_requests
from scripts import generate
from scripts.cli.batch_manifest import Order


def requests_of(command):
    """The requests that generate.py reads from a command."""
    start, script, *words = shlex.split(command)
    assert (start, script) == ("python3", "scripts/generate.py")
    options = generate.options_from(words)
    return [request for row in generate.rows_from(options) for request in generate.requests_of(row, options)]


@pytest.mark.parametrize(
    "choices",
    [
        {},
        {"quality": "draft"},
        {"quality": "exact", "grid": 96},
        {"steps": 9},
        {"steps": 40, "guidance": 7.5, "size_m": 0.25, "face_budget": 5000},
        {"quality": "draft", "guidance": 2.0},
        {"quality": "draft", "steps": 4, "guidance": 2.0},
        {"model": "mini/point-e", "outputs": "both", "rotation_deg": 90},
        {"model": "mini/three-step", "candidates": 4},
        {"model": "shap-e/text300M"},
        {"model": "shap-e/text300M", "quality": "draft", "guidance_every": 1},
        {"model": "shap-e/text300M", "steps": 25},
        {"model": "shap-e/text300M", "steps": 25, "guidance_every": 2},
        {"face_budget": "full", "is_flat": True, "max_faces": 300},
        {"variation_seed": 5, "variation_strength": 0.3, "earlier_variations": "17:0.3"},
        {"blend_prompt": "--out=$HOME", "blend_strength": 0.5},
        {"views": 12, "view_mode": "nerf", "keep_steps": "always"},
    ],
)
def test_the_command_makes_the_same_request(choices):
    (request,) = make_requests('it\'s "a" $(red) `chair`', seed=7, **choices)
    command, note = generate_command(request.to_values())
    assert (requests_of(command), note) == ([request], "")


def test_the_recipe_of_a_batch_makes_the_same_request():
    (request,) = make_requests("a red chair", seed=3, quality="draft", steps=20)
    assert requests_of(generate_command(Order(request).recipe)[0]) == [request]


@pytest.mark.parametrize("prompt", ["--out=/etc", "-h", "--", "a\u202echair", "a 'quoted' \\ chair; rm -rf ~"])
def test_a_prompt_is_never_a_flag_or_a_command(prompt):
    (request,) = make_requests(prompt, seed=1)
    assert requests_of(generate_command(request.to_values())[0]) == [request]


def test_a_recipe_with_a_file_names_it_and_tells_to_write_its_path(tmp_path):
    (tmp_path / "chair.png").write_bytes(b"content")
    (request,) = make_requests("a chair", seed=1, image=str(tmp_path / "chair.png"))
    command, note = generate_command(Order(request).recipe)
    assert "--image chair.png " in command
    assert note == "Write the path of the image into the command."
    command, note = generate_command(request.to_values())
    assert (str(tmp_path / "chair.png") in command, note) == (True, "")


@pytest.mark.parametrize(
    "change",
    [{"model": "newer/model"}, {"newer_setting": 1}, {"steps": 10**9}, {"prompt": "two\nlines"}, {"seed": None}],
)
def test_a_recipe_that_this_version_cannot_make_has_no_command_and_a_reason(change):
    (request,) = make_requests("a chair", seed=1)
    command, reason = generate_command(request.to_values() | change)
    assert (command, reason.startswith("This version of generate.py cannot make it again.")) == ("", True)


def test_a_recipe_with_a_solver_that_no_flag_chooses_has_no_command_and_a_reason():
    (request,) = make_requests("a chair", seed=1, quality="draft")
    other = "" if request.solver else "euler"
    command, reason = generate_command(replace(request, solver=other).to_values())
    assert (command, "no flag for its solver" in reason) == ("", True)


@pytest.mark.parametrize("fact", ["weights_sha256", "image_weights_sha256"])
@pytest.mark.parametrize("weights", EARLIER_WEIGHTS)
def test_the_command_of_a_recipe_with_weights_of_an_earlier_version_says_that_the_object_differs(weights, fact):
    (request,) = make_requests("a red chair", seed=1, model="mini/three-step")
    command, note = generate_command(request.to_values() | {fact: weights})
    assert requests_of(command) == [request]
    assert note.startswith(f"The object was made by {EARLIER_WEIGHTS[weights]};")
    assert note.endswith("For the same object, use the version that made it.")
    assert generate_command(request.to_values() | {"weights_sha256": "ab"})[1] == ""


def test_no_weights_that_are_included_are_of_an_earlier_version():
    included = {hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.safetensors")}
    assert len(included) == 9
    assert not included & EARLIER_WEIGHTS.keys()
