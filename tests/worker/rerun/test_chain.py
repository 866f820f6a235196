# SPDX-License-Identifier: GPL-3.0-or-later
"""The recording of three steps: what it holds, on one timeline, and its layout from left to right."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from blender_text3d.engine.recipe import Step, ViewChoice, ready_preview
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished, Progress
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.rerun.chain_blueprint import layout_of
from blender_text3d.worker.rerun.live_view import LiveView
from blender_text3d.worker.rerun.pictures import CHOSEN, GAP_PX, section, tiled
from blender_text3d.worker.rerun.sink import RerunSink
from blender_text3d.worker.rerun.text import recipe_markdown
from tests.worker.rerun.recorded_rows import rows
from tests.worker.rerun.sample_job import STARTED, ball, noisy_cloud

VIEWS = np.stack([np.full((16, 16, 3), 60 * (index + 1), np.uint8) for index in range(4)])
DISTANCES = np.linspace(-1, 1, 96 * 96, dtype=np.float32).reshape(96, 96)
STEPS = [
    *(Step("image", done, 2, pictures=lambda done=done: VIEWS // (3 - done)) for done in (1, 2)),
    Step("choose", 0, 4, candidates=VIEWS),
    Step("choose", 4, 4, choice=ViewChoice(2, (0.1, 0.2, 0.3, 0.0), "CLIP")),
    Step("read", 1, 1, input_image=VIEWS[2]),
    *(Step("points", done, 2, ready_preview(noisy_cloud(0.1, 40))) for done in (1, 2)),
    *(Step("upsample", done, 2, ready_preview(noisy_cloud(0.0, 160))) for done in (1, 2)),
    Step("mesh", 1, 1, distances=lambda: DISTANCES),
]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The rows of a job's recording, by entity and component."""
    (request,) = make_requests("a red ball", model="point-e/three-step", candidates=4, seed=7)
    job = create_job(tmp_path_factory.mktemp("jobs"), request)
    sink = RerunSink(job, LiveView(), pytest.fail)
    sink.start(request, STARTED)
    for step in STEPS:
        sigma = 20_000.0 if step is STEPS[0] else 80.0 if step is STEPS[1] else None
        sink.step(Progress(stage=step.stage, index=step.index, total=step.total, sigma=sigma), step, None)
    result = type("Result", (), {"mesh": ball(), "cloud": None, "views": None})
    sink.finish(Finished(elapsed_s=4.5, files={}, vertices=3), result)
    return rows(job.rrd)


def steps_of(recorded, entity, ending):
    (name,) = [name for name in recorded[entity] if name.endswith(ending)]
    return recorded[entity][name]


def test_one_half_formed_object_is_recorded_even_if_nobody_watches(tmp_path):
    (request,) = make_requests("a red ball", model="shap-e/three-step", seed=7)
    job = create_job(tmp_path, request)
    sink = RerunSink(job, LiveView(), pytest.fail)
    sink.start(request, STARTED)
    for done in range(5):
        step = Step("sample", done, 4, ready_preview(ball()))
        sink.step(Progress(stage="sample", index=done, total=4), step, None)
    sink.finish(
        Finished(elapsed_s=4.5, files={}, vertices=3), type("Result", (), dict.fromkeys(("mesh", "cloud", "views")))
    )
    assert [at for at, values in steps_of(rows(job.rrd), "/job/formed", "Mesh3D:vertex_positions") if values] == [3]


def image_of(row):
    blob = np.array(row[1][0], np.uint8).tobytes()
    return np.asarray(Image.open(io.BytesIO(blob)).convert("RGB")).astype(int)


def test_view_candidates_points_distances_and_mesh_follow_each_other_on_one_timeline(recorded):
    at = {
        entity: [step for step, values in steps_of(recorded, f"/job/{entity}", ending) if values]
        for entity, ending in {
            "view/forming": "EncodedImage:blob", "view/candidates": "EncodedImage:blob", "input_image": "Image:buffer",
            "points/coarse": "Points3D:positions", "points/fine": "Points3D:positions",
            "distances": "EncodedImage:blob", "result/mesh": "Mesh3D:vertex_positions",
        }.items()
    }  # fmt: skip
    assert at == {
        "view/forming": [1, 2], "view/candidates": [3, 4], "input_image": [5], "points/coarse": [7],
        "points/fine": [9], "distances": [10], "result/mesh": [11],
    }  # fmt: skip


def test_the_pictures_of_each_step_are_recorded_and_the_chosen_candidate_has_a_frame(recorded):
    forming = steps_of(recorded, "/job/view/forming", "EncodedImage:blob")
    assert np.abs(image_of(forming[-1]) - tiled(VIEWS)).mean() < 4
    before, after = map(image_of, steps_of(recorded, "/job/view/candidates", "EncodedImage:blob"))
    differs = np.abs(before - after).max(axis=2) > 60
    assert differs[20:, :20].any()
    assert not differs[:20].any()
    assert not differs[20:, 20:].any()


def test_the_points_are_those_of_the_last_step_of_each_stage(recorded):
    counts = [
        len(steps_of(recorded, f"/job/points/{name}", "Points3D:positions")[-1][1]) for name in ("coarse", "fine")
    ]
    assert counts == [40, 160]


@pytest.mark.parametrize(("count", "shape"), [(1, (20, 20)), (4, (40, 40)), (9, (60, 60))])
def test_candidates_are_tiled_in_a_square(count, shape):
    pictures = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 16, 16, 3), np.uint8)
    tiles = tiled(pictures, chosen=count - 1)
    assert tiles.shape == (*shape, 3)
    assert tuple(tiles[-1, -1]) == CHOSEN
    assert [tiles[y + GAP_PX, x + GAP_PX, 0] for y in range(0, shape[0], 20) for x in range(0, shape[1], 20)] == [
        *range(count)
    ]


def test_a_section_is_red_inside_blue_outside_and_white_at_the_surface_with_the_top_first():
    colors = section(np.array([[-1.0, 0.0], [1.0, 0.5]], np.float32))
    assert colors[0, 0, 0] > colors[0, 0, 2]
    assert colors[1, 0, 2] > colors[1, 0, 0]
    assert tuple(colors[1, 1]) == (255, 255, 255)
    assert section(np.zeros((2, 2), np.float32)).min() == 255


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("point-e/three-step", ["View", "Candidates", "Seen by the Model", "Coarse Points", "Fine Points", "Distances",
                                "Object"]),
        ("shap-e/three-step", ["View", "Candidates", "Seen by the Model", "Forming", "Distances", "Object"]),
        ("mini/three-step", ["View", "Candidates", "Seen by the Model", "Forming", "Distances", "Object"]),
    ],
)  # fmt: skip
def test_the_layout_shows_the_steps_from_left_to_right(model, names):
    (request,) = make_requests("a red ball", model=model)
    row, below = layout_of(request).root_container.contents
    assert [view.name for view in row.contents] == names
    assert [view.name for view in below.contents][0] == "Prompt"


def test_a_comparison_has_a_row_for_each_model():
    (request,) = make_requests("a red ball", model="shap-e/three-step")
    point_e, shap_e, below = layout_of(replace(request, comparison="a")).root_container.contents
    assert (point_e.name, shap_e.name) == ("point-e/three-step", "shap-e/three-step")
    assert len(point_e.contents) == len(shap_e.contents) + 1
    assert str(point_e.contents[0].origin) == "point-e-three-step/view/forming"
    assert str(shap_e.contents[0].origin) == "shap-e-three-step/view/forming"
    assert len(below.contents) == 4


def test_the_recipe_names_what_made_the_view():
    (request,) = make_requests("a", model="shap-e/three-step", candidates=4)
    text = recipe_markdown(request, replace(STARTED, image_weights_sha256="cd" * 32))
    assert r"| View | glide: 4 views, weights cdcdcdcdcdcd |" in text
    assert "View" not in recipe_markdown(request, STARTED)


def test_a_noise_level_that_would_hide_all_others_is_not_plotted(recorded):
    assert steps_of(recorded, "/job/curves/sigma", "Scalars:scalars") == [(2, [80.0])]
