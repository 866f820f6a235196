# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar: one panel before Set Up, buttons that stay in place, and messages that go with their cause."""

from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.environment_task import environment_task
from blender_text3d.addon.panels import messages
from blender_text3d.addon.panels.main import TEXT3D_MT_generate
from blender_text3d.addon.registration import CLASSES
from blender_text3d.addon.state.problem import Problem
from blender_text3d.addon.state.session_state import MAX_NOTICES, apply_event, state
from blender_text3d.environment.progress import Progress
from blender_text3d.protocol.events import Notice
from blender_text3d.scene.names import JOB_ID
from tests.blender.recording_layout import RecordingLayout, drawn, is_in_sidebar

ORDER = ("TEXT3D_PT_main", "TEXT3D_PT_more", "TEXT3D_PT_messages", "TEXT3D_PT_recipe", "TEXT3D_PT_results")
PANELS = [kind for kind in CLASSES if issubclass(kind, bpy.types.Panel)]


@pytest.fixture
def before_set_up(addon, monkeypatch):
    """The add-on before Set Up, with online access on."""
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    bpy.context.preferences.system.use_online_access = True
    yield addon
    bpy.context.preferences.system.use_online_access = False


def is_idle():
    return not state.jobs


def visible():
    return [kind.__name__ for kind in PANELS if is_in_sidebar(kind)]


def down_to_advanced() -> list[str]:
    """Return the kinds of what the main panel and Advanced draw, row by row."""
    kinds = []

    class Rows(RecordingLayout):
        def __getattribute__(self, name):
            if name in ("label", "operator", "menu", "progress", "popover", "template_icon"):
                kinds.append(name)
            return super().__getattribute__(name)

        def prop(self, data, name, **options):
            kinds.append(f"prop {name}")
            super().prop(data, name, **options)

    for kind in PANELS[: PANELS.index(messages.TEXT3D_PT_messages)]:
        if is_in_sidebar(kind):
            kind.draw(SimpleNamespace(layout=Rows()), bpy.context)
    return kinds


def before_settings(kinds: list[str]) -> list[str]:
    return kinds[: kinds.index("prop model")]


def test_before_set_up_there_is_one_panel_with_one_large_button(before_set_up, scene):
    assert visible() == ["TEXT3D_PT_first_setup"]
    layout = RecordingLayout()
    text = drawn(layout).replace("\n", " ")
    assert "Text3D needs a one-time setup." in text
    assert "Downloads about" in text
    assert "(PyTorch, Rerun) to your user folder." in text
    assert [button.identifier for button in layout.buttons] == ["TEXT3D_OT_set_up", "TEXT3D_OT_install_kit"]


def test_before_set_up_nothing_that_needs_a_worker_can_be_pressed(before_set_up):
    for name in ("generate", "compare", "make_again", "decode_again", "resume_jobs", "retry_job", "open_recording"):
        assert not getattr(bpy.ops.text3d, name).poll(), name
    with pytest.raises(RuntimeError, match="Setup has not been run yet"):
        bpy.ops.text3d.generate()


def test_an_error_of_set_up_leaves_its_button_in_place(before_set_up):
    state.problem = Problem("The disk is full.", reason="environment")
    layout = RecordingLayout()
    text = drawn(layout)
    assert text.index("The disk is full.") < text.index("Set Up")
    assert "TEXT3D_OT_set_up" in [button.identifier for button in layout.buttons]
    bpy.ops.text3d.dismiss_message(message="")
    assert "The disk is full." not in drawn()


def test_the_progress_of_set_up_takes_the_place_of_its_button(before_set_up, monkeypatch):
    monkeypatch.setattr(environment_task, "newest", Progress("Installing PyTorch", 0.5))
    monkeypatch.setattr(environment_task, "child", object())
    layout = RecordingLayout()
    text = drawn(layout)
    monkeypatch.undo()
    assert "Installing PyTorch" in text
    assert [button.identifier for button in layout.buttons] == ["TEXT3D_OT_stop_set_up", "TEXT3D_OT_open_setup_log"]


def test_after_set_up_that_panel_is_gone(addon):
    assert "TEXT3D_PT_first_setup" not in visible()
    assert {"TEXT3D_PT_main", "TEXT3D_PT_jobs", "TEXT3D_PT_setup"} <= set(visible())


def test_nothing_above_or_among_the_settings_moves_when_a_job_starts_speaks_ends_or_fails(start_job, drive, scene):
    scene.text3d.prompt = "slowly a chair knows not"
    idle = down_to_advanced()
    assert before_settings(idle)[-1] == "label"  # the time estimate
    assert idle[-1] == "prop live_view_address"  # the last one of Advanced
    (job,) = start_job("slowly a chair knows not", count=1)
    queued = down_to_advanced()
    above = before_settings(idle)
    assert queued == [*above[:-1], "progress", "operator", *idle[len(above) :]]  # on the same row
    drive(lambda: job.index >= 2)
    job.updated_at -= 200  # says that it is still running
    assert "Still running" in drawn()
    assert down_to_advanced() == queued
    assert state.notices
    drive(is_idle)
    assert down_to_advanced() == idle
    state.problem = Problem("It broke.", reason="internal")
    assert "It broke." in drawn()
    assert down_to_advanced() == idle
    state.ready.append(job.folder)
    assert down_to_advanced() == idle


def test_messages_come_after_advanced_and_the_object_before_the_results(addon, scene):
    bpy.ops.text3d.generate()
    shown = [name for name in visible() if name in ORDER]
    assert shown == list(ORDER)


def test_an_object_that_waits_for_object_mode_is_announced_in_the_same_place(start_job, drive, scene):
    bpy.ops.mesh.primitive_cube_add()
    idle = down_to_advanced()
    bpy.ops.object.mode_set(mode="EDIT")
    (job,) = start_job("a chair")
    drive(lambda: job.end == "finished")
    assert "1 ready, waiting for Object Mode" in drawn()
    assert down_to_advanced() == idle
    bpy.ops.object.mode_set(mode="OBJECT")


def test_each_message_is_dismissed_alone(addon):
    state.problem = Problem("It broke.", reason="internal")
    state.notice("One.")
    state.notice("Two.")
    bpy.ops.text3d.dismiss_message(message="One.")
    assert "One." not in drawn()
    assert "Two." in drawn()
    assert "It broke." in drawn()
    bpy.ops.text3d.dismiss_message()
    assert "It broke." not in drawn()
    assert "Two." in drawn()


def test_a_notice_has_a_cross_that_dismisses_it(addon):
    state.notice("Look here.")
    layout = RecordingLayout()
    drawn(layout)
    dismissals = [button.values for button in layout.buttons if button.identifier == "TEXT3D_OT_dismiss_message"]
    assert dismissals == [{"message": "Look here."}]


def test_a_notice_about_a_job_goes_with_its_object(start_job, drive, scene):
    start_job("a zorg it knows not")
    drive(is_idle)
    assert "zorg" in " ".join(messages.current_notices())
    (target,) = scene.objects
    del target[JOB_ID]
    assert messages.current_notices() == []
    start_job("a zorg it knows not")
    drive(is_idle)
    assert messages.current_notices()
    for target in list(scene.objects):
        bpy.data.objects.remove(target)
    assert messages.current_notices() == []


def test_a_notice_about_a_canceled_job_goes_when_it_is_removed_from_the_list(start_job, drive):
    (job,) = start_job("silent")
    apply_event(job, Notice(message="Unknown words: zorg."))
    bpy.ops.text3d.cancel()
    drive(is_idle)
    assert messages.current_notices() == ["Unknown words: zorg."]
    bpy.ops.text3d.remove_job()
    assert messages.current_notices() == []


def test_only_the_newest_notices_are_kept(addon):
    for number in range(MAX_NOTICES + 2):
        state.notice(str(number))
    assert list(state.notices) == [str(number) for number in range(2, MAX_NOTICES + 2)]


def test_the_title_of_the_object_panel_is_the_active_objects_name(addon, scene):
    bpy.ops.text3d.generate()
    addon.prompt = "a boat"
    bpy.ops.text3d.generate()
    for name in ("a red chair", "a boat"):
        bpy.context.view_layer.objects.active = scene.objects[name]
        assert name in drawn().splitlines()
    bpy.ops.mesh.primitive_cube_add()
    assert "TEXT3D_PT_recipe" not in visible()
    assert not bpy.ops.text3d.make_again.poll()
    assert not bpy.ops.text3d.turn.poll()


def test_the_buttons_of_an_object_come_before_its_facts(addon, scene):
    bpy.ops.text3d.generate()
    text = drawn()
    assert text.index("text3d.new_seed") < text.index("Mini Shap-E\nQuality")


def test_the_menu_beside_generate_has_variations_a_wedge_a_cluster_views_and_both_models(addon, scene):
    layout = RecordingLayout()
    TEXT3D_MT_generate.draw(SimpleNamespace(layout=layout), bpy.context)
    four, nine, sixteen, wedge, cluster, views, both = layout.buttons
    assert [button.values["count"] for button in (four, nine, sixteen)] == [4, 9, 16]
    names = [button.identifier for button in (wedge, cluster, views, both)]
    assert names == ["TEXT3D_OT_wedge", "TEXT3D_OT_send_to_cluster", "TEXT3D_OT_generate_views", "TEXT3D_OT_compare"]
    bpy.ops.text3d.generate(count=4)
    assert len(scene.objects) == 4
    assert addon.count == 1
    bpy.ops.text3d.generate()
    assert len(scene.objects) == 5
