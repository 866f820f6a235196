# SPDX-License-Identifier: GPL-3.0-or-later
"""A wedge in the scene: objects on a grid with labels, and a list of prompts beside the file."""

from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.jobs import wedge
from blender_text3d.addon.operators.wedge import AXIS_ITEMS, DIALOG_LETTERS, draw_error
from blender_text3d.addon.state.contact_sheet import SPACING
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.recipe import recipe_of

COLORS_AND_SEEDS = {"rows": "COLOR", "row_values": "green, blue", "columns": "SEED", "column_values": "3-5"}


@pytest.fixture
def settings(addon):
    addon.prompt = "a red chair"
    return addon


def generated(scene):
    """(row, column) of the grid → the object there, from the back left; and the labels by text."""
    made = [item for item in scene.objects if recipe_of(item)]
    columns = sorted({round(item.location.x, 3) for item in made})
    rows = sorted({round(item.location.y, 3) for item in made}, reverse=True)
    return {(rows.index(round(item.location.y, 3)), columns.index(round(item.location.x, 3))): item for item in made}


def labels(scene):
    return {item.data.body: item for item in scene.objects if item.type == "FONT"}


def lists(folder):
    return [path.read_text().splitlines() for path in sorted(Path(folder).glob("wedge-*.csv"))]


def test_each_pair_of_values_has_its_cell_and_its_labels(settings, scene, tmp_path):
    assert bpy.ops.text3d.wedge(**COLORS_AND_SEEDS) == {"FINISHED"}
    cells = {place: recipe_of(item) for place, item in generated(scene).items()}
    assert {place: (recipe["prompt"], recipe["seed"]) for place, recipe in cells.items()} == {
        (row, column): (f"a {color} chair", 3 + column)
        for row, color in enumerate(("green", "blue"))
        for column in range(3)
    }
    texts, places = labels(scene), generated(scene)
    assert list(texts) == ["Seed 3", "Seed 4", "Seed 5", "green", "blue"]
    assert texts["blue"].location.y == pytest.approx(places[1, 0].location.y)
    assert texts["blue"].location.x > places[1, 2].location.x + 0.5
    assert texts["Seed 4"].location.y < places[1, 1].location.y - 0.5
    box = texts["Seed 4"].data.text_boxes[0]
    assert texts["Seed 4"].location.x + box.width / 2 == pytest.approx(places[1, 1].location.x, abs=1e-5)
    assert places[0, 1].location.x - places[0, 0].location.x == pytest.approx(SPACING)
    (rows,) = lists(tmp_path / "data" / "wedges")
    assert rows[0].startswith("seed,prompt,")
    assert [row.split(",")[:2] for row in rows[1:4]] == [
        ["3", "a green chair"],
        ["4", "a green chair"],
        ["5", "a green chair"],
    ]


def test_the_list_stands_beside_the_file_or_in_the_data_folder(settings, scene, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "mine" / "a.blend"))
    bpy.context.scene.text3d.prompt = "a red chair"
    bpy.ops.text3d.wedge(rows="SIZE", row_values="0.5, 2", columns="SEED", column_values="3")
    bpy.ops.text3d.wedge(rows="SIZE", row_values="1", columns="SEED", column_values="3")
    assert sorted(len(rows) for rows in lists(tmp_path / "mine")) == [2, 3]
    real = wedge.create_exclusive

    def refuse(path, text):
        if path.parent == tmp_path / "mine":
            raise PermissionError(13, "read-only")
        return real(path, text)

    monkeypatch.setattr(wedge, "create_exclusive", refuse)
    bpy.ops.text3d.wedge(rows="SIZE", row_values="1", columns="SEED", column_values="4")
    assert (len(lists(tmp_path / "mine")), len(lists(tmp_path / "data" / "wedges"))) == (2, 1)


def test_the_panel_shows_the_seed_of_all_objects(settings, scene):
    bpy.ops.text3d.wedge(rows="SIZE", row_values="0.5, 1", columns="COLOR", column_values="red")
    assert {recipe_of(item)["seed"] for item in generated(scene).values()} == {settings.seed}


def test_objects_of_several_sizes_are_as_far_apart_as_the_largest_needs(settings, scene):
    bpy.ops.text3d.wedge(rows="SIZE", row_values="0.5, 2", columns="SEED", column_values="3, 4")
    cells = generated(scene)
    assert cells[0, 1].location.x - cells[0, 0].location.x == pytest.approx(2 * SPACING)
    assert settings.seed != 3
    assert cells[0, 0].location.y - cells[1, 0].location.y == pytest.approx(2 * SPACING)


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        ({"row_values": "red,", "column_values": "1-100000"}, "A wedge of 100,000 objects is too large"),
        (
            {"rows": "STEPS", "row_values": "1-20", "column_values": "1-20"},
            "A wedge of 400 objects is too large. Choose at most 100",
        ),
        ({"rows": "SEED", "row_values": "1"}, "Both axes are Seed"),
        ({"rows": "PART_COLOR"}, "names no part"),
        ({"column_values": "one"}, "Enter an integer or a range"),
    ],
)
def test_a_wedge_that_cannot_be_made_queues_nothing(settings, scene, tmp_path, choice, message):
    with pytest.raises(RuntimeError, match=message):
        bpy.ops.text3d.wedge(**choice)
    assert not state.jobs
    assert not labels(scene)
    assert not lists(tmp_path / "data" / "wedges")


def test_words_have_no_effect_on_an_image(settings, scene, tmp_path):
    (tmp_path / "chair.png").write_bytes(b"an image")
    settings.image = str(tmp_path / "chair.png")
    scene.text3d_input = "image"
    with pytest.raises(RuntimeError, match="made from an image, so the axis Color has no effect"):
        bpy.ops.text3d.wedge()


def test_a_long_error_takes_several_lines_of_the_dialog():
    lines = []
    draw_error(SimpleNamespace(label=lambda text, icon: lines.append((icon, text))), "too many objects " * 6)
    assert [icon for icon, _ in lines] == ["ERROR", "BLANK1", "BLANK1"]
    assert all(len(text) <= DIALOG_LETTERS for _, text in lines)


def test_axes_keep_the_numbers_that_blender_stores():
    names = [item[0] for item in AXIS_ITEMS]
    assert names == ["PROMPT", "COLOR", "PART_COLOR", "SEED", "GUIDANCE", "STEPS", "STRENGTH", "SIZE"]
