# SPDX-License-Identifier: GPL-3.0-or-later
"""Dropped image files: one object each, named after its file; other files are named in a message."""

from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from blender_text3d.addon.jobs import submit
from blender_text3d.addon.operators.drop_images import TEXT3D_FH_sidebar, TEXT3D_FH_viewport, is_image, others_message
from blender_text3d.addon.state.session_state import state
from blender_text3d.geometry.png import encode_png
from blender_text3d.protocol.request import MAX_RESULTS


def png(path):
    path.write_bytes(encode_png(np.full((4, 4, 4), 200, np.uint8)))
    return path


def drop(folder, *names):
    return bpy.ops.text3d.drop_images(directory=str(folder), files=[{"name": name} for name in names])


@pytest.fixture
def submitted(monkeypatch):
    """The requests that were queued; none is run."""
    requests = []
    monkeypatch.setattr(submit, "submit", lambda new, scene: requests.extend(new) or [])
    return requests


def test_each_image_becomes_an_object_named_after_its_file(addon, scene, tmp_path):
    png(tmp_path / "Blue Mug.png")
    png(tmp_path / "my.lamp.png")
    assert drop(tmp_path, "Blue Mug.png", "my.lamp.png") == {"FINISHED"}
    assert sorted(item.name for item in scene.objects) == ["Blue Mug", "my.lamp"]
    assert not state.running


def test_dropped_images_use_the_settings_of_the_panel_and_leave_its_image(addon, scene, tmp_path, submitted):
    addon.quality, addon.size_m, addon.count, addon.seed, addon.has_random_seed = "draft", 2.0, 5, 11, False
    addon.image = "/other.png"
    drop(tmp_path, png(tmp_path / "a.png").name, png(tmp_path / "b.png").name)
    assert [request.image for request in submitted] == [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    assert {(request.quality, request.size_m, request.seed) for request in submitted} == {("draft", 2.0, 11)}
    assert addon.image == "/other.png"


def test_files_that_are_no_images_are_named_and_the_others_generated(addon, scene, tmp_path, submitted, capfd):
    png(tmp_path / "good.png")
    (tmp_path / "text.png").write_text("no image")
    (tmp_path / "folder.png").mkdir()
    assert drop(tmp_path, "text.png", "good.png", "folder.png", "gone.png") == {"FINISHED"}
    assert [request.prompt for request in submitted] == ["good"]
    assert "Not readable as a PNG, JPEG or WebP image: 'text.png', 'folder.png', 'gone.png'." in capfd.readouterr().out


def test_only_files_that_are_no_images_generate_nothing(addon, scene, tmp_path, submitted):
    (tmp_path / "text.txt").write_text("no image")
    with pytest.raises(RuntimeError, match="Not readable as a PNG, JPEG or WebP image: 'text.txt'"):
        drop(tmp_path, "text.txt")
    assert not submitted


def test_more_images_than_can_be_queued_are_refused_as_a_whole(addon, scene, tmp_path, submitted):
    names = [f"{number}.png" for number in range(MAX_RESULTS + 1)]
    png(tmp_path / names[0])
    with pytest.raises(RuntimeError, match=f"{MAX_RESULTS + 1} files were dropped. Drop 1 to {MAX_RESULTS} images"):
        drop(tmp_path, *names)
    assert not submitted


def test_as_many_images_as_can_be_queued_are_all_generated(addon, scene, tmp_path, submitted):
    names = [png(tmp_path / f"{number}.png").name for number in range(MAX_RESULTS)]
    drop(tmp_path, *names)
    assert [request.prompt for request in submitted] == [str(number) for number in range(MAX_RESULTS)]


def test_a_model_without_images_refuses_them_with_a_sentence(addon, scene, tmp_path):
    addon.model = "shap-e/text300M"
    with pytest.raises(RuntimeError, match="does not accept images"):
        drop(tmp_path, png(tmp_path / "a.png").name)


def test_files_on_another_machine_are_not_touched(monkeypatch):
    assert not is_image(r"\\host\share\a.png")


def test_many_files_are_named_in_short():
    assert others_message(["a", "b", "c", "d", "e"]).endswith("'a', 'b', 'c' and 2 more.")
    assert others_message(["a"]).endswith("'a'.")


def test_an_image_dropped_on_the_sidebar_becomes_the_panels_image(addon, scene, tmp_path, submitted):
    path = png(tmp_path / "a.png")
    files = [{"name": "no.png"}, {"name": "a.png"}]
    assert bpy.ops.text3d.drop_image(directory=str(tmp_path), files=files) == {"FINISHED"}
    assert (addon.image, scene.text3d_input) == (str(path), "image")
    assert not submitted


def test_another_file_dropped_on_the_sidebar_leaves_the_panels_image(addon, scene, tmp_path):
    addon.image = "/other.png"
    with pytest.raises(RuntimeError, match="Not readable"):
        bpy.ops.text3d.drop_image(directory=str(tmp_path), files=[{"name": "no.png"}])
    assert addon.image == "/other.png"


@pytest.mark.parametrize("handler", [TEXT3D_FH_viewport, TEXT3D_FH_sidebar])
def test_drop_targets_name_an_operator_and_suffixes_that_blender_accepts(addon, handler):
    group, name = handler.bl_import_operator.split(".")
    assert getattr(getattr(bpy.ops, group), name).get_rna_type()
    suffixes = handler.bl_file_extensions.split(";")
    assert suffixes == [".png", ".jpg", ".jpeg", ".webp"]


@pytest.mark.parametrize(
    ("area", "region", "viewport", "sidebar"),
    [("VIEW_3D", "WINDOW", True, False), ("VIEW_3D", "UI", False, True), ("VIEW_3D", "HEADER", False, False),
     ("IMAGE_EDITOR", "WINDOW", False, False)],
)  # fmt: skip
def test_each_part_of_a_viewport_has_one_drop_target(area, region, viewport, sidebar):
    context = SimpleNamespace(area=SimpleNamespace(type=area), region=SimpleNamespace(type=region))
    assert TEXT3D_FH_viewport.poll_drop(context) is viewport
    assert TEXT3D_FH_sidebar.poll_drop(context) is sidebar


def test_outside_of_editors_there_is_no_drop_target():
    assert not TEXT3D_FH_viewport.poll_drop(SimpleNamespace(area=None, region=None))
