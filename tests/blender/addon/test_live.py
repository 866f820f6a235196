# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: a draft of what is typed, once typing stops, in one preview object that each draft replaces."""

import bpy
import pytest

from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import live, poll_timer
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.job_folder import DRAFT_NAME, JobFolder
from tests.blender.recording_layout import drawn


@pytest.fixture
def clock(addon, scene):
    """A function that advances the time by some seconds and runs a tick of Live."""
    addon.prompt, addon.seed, addon.has_random_seed = "a red chair", 7, False
    live.turn_on(scene)
    now_s = 100.0

    def advance(seconds: float) -> None:
        nonlocal now_s
        now_s += seconds
        live.take_ended_drafts()
        if live.live is not None:
            live.step(scene, now_s)

    yield advance
    live.turn_off()


@pytest.fixture
def finish(clock, drive):
    """A function that waits for the running draft and shows it."""

    def finish() -> None:
        drive(lambda: not state.drafts)
        clock(0.0)

    return finish


def folders():
    return sorted(path.name for path in choices().jobs_dir.glob("[!.]*") if path.is_dir())


def previews(scene):
    return [item.name for item in scene.objects]


def test_nothing_is_generated_before_typing_has_stopped_for_a_moment(addon, clock):
    clock(0.0)
    clock(0.29)
    addon.prompt = "a red cha"
    clock(0.1)
    addon.prompt = "a red chair"
    clock(0.1)
    clock(0.29)
    assert live.live.running is None
    clock(0.02)
    request = live.live.running.read_request()
    assert (request.prompt, request.quality, request.seed, request.outputs) == ("a red chair", "draft", 7, "mesh")


def test_a_finished_draft_is_shown_and_the_next_one_replaces_it(addon, scene, clock, finish):
    clock(0.0)
    clock(0.31)
    finish()
    assert previews(scene) == ["a red chair"]
    first = folders()
    scene.objects[0].location = (3, 0, 0)
    addon.prompt = "a blue chair"
    clock(0.0)
    clock(0.31)
    finish()
    assert previews(scene) == ["a blue chair"]
    assert tuple(scene.objects[0].location) == (3, 0, 0)
    assert len(folders()) == 1
    assert folders() != first


def test_the_same_prompt_is_generated_once(clock, finish):
    clock(0.0)
    clock(0.31)
    finish()
    shown = folders()
    for _ in range(5):
        clock(1.0)
    assert live.live.running is None
    assert folders() == shown


@pytest.mark.parametrize("prompt", ["", "   ", "a red", "a cloud"])
def test_words_that_name_no_object_generate_nothing(addon, clock, prompt):
    addon.prompt = prompt
    clock(0.0)
    clock(0.5)
    assert live.live.running is None
    assert not choices().jobs_dir.exists()


def test_a_draft_that_is_overtaken_is_cancelled_and_leaves_no_folder(addon, clock, finish):
    clock(0.0)
    clock(0.31)
    overtaken = live.live.running.job_id
    addon.prompt = "a blue cup"
    clock(0.0)
    clock(0.31)
    assert live.live.running.job_id != overtaken
    finish()
    assert folders() == [live.live.shown.job_id]
    assert live.live.shown.read_request().prompt == "a blue cup"


def test_live_waits_for_the_jobs_of_generate(addon, scene, clock, start_job):
    start_job("a tree")
    addon.prompt = "a red chair"
    clock(0.0)
    clock(0.5)
    assert live.live.running is None


def test_a_kept_draft_becomes_an_object_where_it_was_shown_and_stays(addon, scene, clock, finish):
    clock(0.0)
    clock(0.31)
    finish()
    scene.objects[0].location = (1, 2, 0)
    kept = folders()
    (made,) = live.keep(scene)
    assert (made.name, tuple(made.location)) == ("a red chair", (1, 2, 0))
    assert made["text3d_job_id"] == kept[0]
    assert not JobFolder(choices().jobs_dir / kept[0]).is_draft()
    addon.prompt = "a blue cup"
    clock(0.0)
    clock(0.31)
    finish()
    assert sorted(previews(scene)) == ["a blue cup", "a red chair"]
    assert set(kept) < set(folders())
    live.turn_off()
    assert previews(scene) == ["a red chair"]
    assert folders() == kept


def test_a_draft_whose_folder_cannot_be_changed_is_not_kept_but_still_shown(clock, finish):
    clock(0.0)
    clock(0.31)
    finish()
    marker = live.live.shown.path / DRAFT_NAME
    marker.unlink()
    marker.mkdir()
    with pytest.raises(RuntimeError, match="The draft cannot be kept"):
        bpy.ops.text3d.keep_live()
    assert live.live.shown
    marker.rmdir()


def test_turning_live_off_leaves_nothing_behind(scene, clock, finish):
    clock(0.0)
    clock(0.31)
    finish()
    live.turn_off()
    assert previews(scene) == []
    assert folders() == []
    assert not bpy.data.meshes


def test_drafts_are_offered_to_no_later_session_and_listed_in_no_queue(clock, finish):
    clock(0.0)
    clock(0.31)
    folder: JobFolder = live.live.running
    assert folder.is_imported()
    assert folder.is_draft()
    assert state.queue == []
    finish()
    assert state.queue == []


def test_a_failed_draft_turns_live_off_and_says_why(addon, clock, drive):
    addon.prompt = "a red chair with white legs, fail"
    clock(0.0)
    clock(0.31)
    state.session.worker.kill()
    drive(lambda: not state.drafts)
    clock(0.0)
    assert live.live is None
    assert state.problem


def test_an_undo_shows_the_draft_again(scene, clock, finish):
    clock(0.0)
    clock(0.31)
    finish()
    handlers.before_undo()
    assert previews(scene) == []
    handlers.on_undo()
    clock(0.0)
    assert previews(scene) == ["a red chair"]


def test_another_file_turns_live_off(clock, finish):
    clock(0.0)
    clock(0.31)
    finish()
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    handlers.on_load()
    assert live.live is None
    assert folders() == []


def test_without_a_window_live_cannot_be_turned_on_by_its_button(addon):
    with pytest.raises(RuntimeError, match="Requires a window"):
        bpy.ops.text3d.live()
    with pytest.raises(RuntimeError, match="No draft is shown"):
        bpy.ops.text3d.keep_live()


def test_the_button_to_keep_a_draft_appears_with_it(clock, finish):
    assert "text3d.keep_live" not in drawn()
    clock(0.0)
    clock(0.31)
    finish()
    assert "text3d.keep_live" in drawn()


def test_the_timer_ends_when_live_is_off_and_no_draft_runs(addon, scene, clock, drive):
    clock(0.0)
    clock(0.31)
    assert live.on_timer() == live.INTERVAL_S
    live.turn_off()
    assert live.on_timer() == live.INTERVAL_S
    assert poll_timer.has_work()
    drive(lambda: not state.drafts)
    assert live.on_timer() is None
    assert folders() == []
