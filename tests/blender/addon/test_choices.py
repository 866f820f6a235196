# SPDX-License-Identifier: GPL-3.0-or-later
"""Panel and preferences as values: folders, the live view, the progress of setup."""

from pathlib import Path

import bpy
import pytest

from blender_text3d.addon.background.environment_task import environment_task
from blender_text3d.addon.jobs.panel_request import request_kwargs
from blender_text3d.addon.operators.recipe import copy_to_panel
from blender_text3d.addon.panels.text_wrap import wrapped
from blender_text3d.addon.settings.choices import absolute, choices
from blender_text3d.addon.state.session_state import state
from blender_text3d.addon.state.time_estimate import format_duration
from blender_text3d.environment.progress import Progress


def test_without_preferences_the_usual_places_are_used(addon, monkeypatch, tmp_path):
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    chosen = choices()
    assert chosen.jobs_dir == tmp_path / "data" / "jobs"
    assert chosen.own_python is None
    assert chosen.env_dir in chosen.python.parents
    assert chosen.live_view_address == ""


def test_a_named_python_is_not_followed_through_its_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "python3.11")
    assert absolute(str(tmp_path / "link")) == tmp_path / "link"
    assert absolute(" ") is None
    assert absolute("~/python") == Path.home() / "python"


@pytest.mark.parametrize(
    ("is_wanted", "address", "viewer"),
    [
        (False, "rerun+http://127.0.0.1:9876/proxy", ""),
        (True, "", "spawn"),
        (True, " rerun+http://127.0.0.1:9876/proxy ", "rerun+http://127.0.0.1:9876/proxy"),
    ],
)
def test_the_live_view_goes_to_the_address_in_the_panel(addon, is_wanted, address, viewer):
    addon.has_live_view, addon.live_view_address = is_wanted, address
    assert request_kwargs(addon)["viewer"] == viewer


def test_a_wrong_live_view_address_is_refused_with_a_message(addon):
    addon.has_live_view, addon.live_view_address = True, "localhost:9876"
    with pytest.raises(RuntimeError, match="rerun"):
        bpy.ops.text3d.generate()


def test_numbers_are_those_that_were_typed(addon):
    addon.size_m, addon.has_own_sampling, addon.guidance = 0.1, True, 3.3
    values = request_kwargs(addon)
    assert (values["size_m"], values["guidance"]) == (0.1, 3.3)


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (61, "61 s"), (300, "5 min"), (9000, "2.5 h")])
def test_durations_are_readable(seconds, text):
    assert format_duration(seconds) == text


class ScriptedChild:
    """A stand-in for the child process of setup."""

    def __init__(self, *news):
        self.new_messages = list(news)

    def progress(self):
        return self.new_messages.pop(0)

    def remove_output(self):
        pass


def test_the_set_up_is_followed_to_its_end(addon, monkeypatch):
    news = Progress("Installing", 0.5), Progress("Ready", 1.0, "ready")
    monkeypatch.setattr(environment_task, "child", ScriptedChild(*news))
    assert environment_task.poll()
    assert environment_task.newest.share == 0.5
    assert environment_task.is_running()
    assert environment_task.poll() is None
    assert not environment_task.is_running()
    assert state.problem is None


def test_a_failed_setup_is_reported_with_its_fix(addon, monkeypatch):
    news = Progress("The disk is full.", 0.5, "failed", "Free some space.")
    monkeypatch.setattr(environment_task, "child", ScriptedChild(news))
    assert environment_task.poll() is None
    assert str(state.problem) == "The disk is full. Free some space."


def test_long_words_have_lines_of_their_own_and_paths_break_after_slashes():
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("one/two three", 7) == ["one/two", "three"]
    assert wrapped("see /a/path/that/has/no/end b", 7) == ["see /a/", "path/", "that/", "has/no/", "end b"]
    assert wrapped("C:\\folder\\file b", 9) == ["C:\\", "folder\\", "file b"]
    assert wrapped("unbreakable word", 7) == ["unbreakable", "word"]
    assert wrapped("", 7) == []


@pytest.mark.parametrize(("scale", "size"), [(1.0, 2.0), (0.01, 200.0)])
def test_the_size_is_shown_in_the_scenes_unit_and_stored_in_meters(addon, scene, scale, size):
    scene.unit_settings.scale_length = scale
    addon.size_m = 2.0
    assert scene.text3d_size == pytest.approx(size)
    scene.text3d_size = size / 4
    assert addon.size_m == pytest.approx(0.5)


def test_a_real_size_follows_the_prompt_until_a_size_is_typed(addon, scene):
    addon.size_m, addon.has_real_size, addon.prompt = 3.0, True, "a red mug"
    assert request_kwargs(addon)["size_m"] == 0.1
    assert scene.text3d_size == pytest.approx(0.1)
    addon.prompt = "a tiny house"
    assert scene.text3d_size == pytest.approx(4.0)
    addon.prompt = "zorg"
    assert request_kwargs(addon)["size_m"] == 3.0
    addon.prompt, scene.text3d_size = "a red mug", 0.2
    assert not addon.has_real_size
    assert request_kwargs(addon)["size_m"] == 0.2


@pytest.mark.parametrize(
    ("model", "image_model", "sizes"),
    [("mini/three-step", "own", (2.1, 0.1)), ("mini/three-step", "glide", (2.1, 3.0)),
     ("shap-e/three-step", "mini/glide", (2.1, 0.1)), ("mini/point-e", "own", (0.95, 0.1))],
)  # fmt: skip
def test_a_real_size_follows_the_words_of_the_model_that_reads_the_prompt(
    addon, trained_model, model, image_model, sizes
):
    addon.size_m, addon.has_real_size, addon.model, addon.image_model = 3.0, True, model, image_model
    for addon.prompt, size in zip(("a sofa", "a goblet"), sizes, strict=True):
        assert request_kwargs(addon)["size_m"] == size


def test_an_image_has_the_size_that_is_set(addon, scene, tmp_path):
    addon.size_m, addon.has_real_size, addon.prompt = 3.0, True, "a red mug"
    addon.image = str(tmp_path / "a mug.png")
    assert request_kwargs(addon)["size_m"] == 3.0
    assert scene.text3d_size == pytest.approx(3.0)


def test_settings_copied_from_an_object_have_its_own_size(addon):
    addon.has_real_size = True
    copy_to_panel({"prompt": "a red mug", "size_m": 2.0, "seed": 1}, addon)
    assert request_kwargs(addon)["size_m"] == 2.0
