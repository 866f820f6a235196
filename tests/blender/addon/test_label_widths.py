# SPDX-License-Identifier: GPL-3.0-or-later
"""Every label and button of the sidebar fits its default width of 280 pixels, in every state of the add-on."""

from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.background.environment_task import environment_task
from blender_text3d.addon.background.weights_task import weights_task
from blender_text3d.addon.jobs import queue_list
from blender_text3d.addon.panels.jobs import OWNERS
from blender_text3d.addon.panels.prompt_words import TEXT3D_PT_words
from blender_text3d.addon.panels.weights import TEXT3D_PT_download
from blender_text3d.addon.registration import CLASSES
from blender_text3d.addon.results import timer
from blender_text3d.addon.results.strip import strip
from blender_text3d.addon.settings.conflicts import conflicts
from blender_text3d.addon.state.problem import BUTTONS, Problem
from blender_text3d.addon.state.session_state import state
from blender_text3d.addon.state.weight_files import Transfer, WeightFile
from blender_text3d.addon.state.word_swap import swappable_words
from blender_text3d.client.other_jobs import EARLIER_SESSION, OtherJob
from blender_text3d.environment.progress import Progress
from blender_text3d.protocol.job_folder import JobFolder
from tests.blender.measuring_layout import CONTENT, UNIT, MeasuringLayout, SidebarContext, text_width
from tests.blender.recording_layout import is_in_sidebar

POPOVER_MARGIN = 8
OFFICIAL = "shap-e/text300M"


def cut() -> list[str]:
    """Return the texts of the visible panels that Blender would cut."""
    found = []
    for kind in CLASSES:
        if issubclass(kind, bpy.types.Panel) and is_in_sidebar(kind):
            layout = MeasuringLayout()
            kind.draw(SimpleNamespace(layout=layout), SidebarContext())
            found += [f"{kind.__name__}: {text}" for text in layout.cut()]
    return found


def load_results():
    """Run ticks of the results' timer until everything is shown."""
    timer.tick()
    while timer.has_work():
        timer.tick()


def cut_in_popover(kind: type[bpy.types.Panel]) -> list[str]:
    """Return the texts of a popover that Blender would cut."""
    layout = MeasuringLayout()
    kind.draw(SimpleNamespace(layout=layout), bpy.context)
    return layout.cut(kind.bl_ui_units_x * UNIT - 2 * POPOVER_MARGIN)


def test_a_long_text_is_found_to_be_cut():
    layout = MeasuringLayout()
    layout.label(text="Fits")
    layout.label(text="x" * 60)
    row = layout.row()
    for _ in range(3):
        row.label(text="a label of some length")
    assert len(layout.cut()) == 4
    assert 20 < text_width("Generate") < 60 < CONTENT


def test_with_nothing_going_on(addon):
    assert cut() == []


def test_with_every_model_output_and_quality(addon, scene):
    for model in addon.bl_rna.properties["model"].enum_items.keys():  # noqa: SIM118  (a bpy collection)
        addon.model = model
        for kind in ("text", "image"):
            scene.text3d_input = kind
            assert cut() == [], model
    addon.model, addon.count, addon.outputs = "mini/shap-e", 100, "both"
    addon.has_own_sampling, addon.steps = True, 1000
    assert cut() == []


def test_with_unknown_words(addon):
    for prompt in ("a wizard riding a dragon", "", "a floccinaucinihilipilification", "teepot chiar mushrom"):
        addon.prompt = prompt
        assert cut() == [], prompt
    assert cut_in_popover(TEXT3D_PT_words) == []


@pytest.mark.parametrize("reason", BUTTONS)
def test_with_every_problem(addon, reason):
    state.problem = Problem("It went wrong.", "Do something else.", reason=reason, model=OFFICIAL)
    assert cut() == []


def test_with_jobs_in_every_state(start_job, drive, scene):
    start_job("it fails")
    drive(lambda: not state.jobs)
    running, *_ = start_job("slowly a chair", count=3)
    drive(lambda: running.index >= 2)
    running.eta_s = 3599.0
    running.updated_at -= 200
    state.notice("A word of notice that is long enough to be wrapped over several lines of the sidebar.")
    state.ready, state.unclaimed = [JobFolder(running.folder.path)], [JobFolder(running.folder.path)] * 12
    state.orphaned = [JobFolder(running.folder.path)] * 12
    for owner in OWNERS:
        for is_running in {True, owner == EARLIER_SESSION}:  # its waiting jobs are offered to be resumed
            folder = JobFolder(running.folder.path.with_name(f"{owner}-{is_running}"))
            state.others[folder.job_id] = OtherJob(folder, running.name, 7, None, owner, is_running, 1.0)
    queue_list.refresh()
    assert len(bpy.context.window_manager.text3d_queue) == 4 + len(state.others)
    own = (running.folder.job_id, running.name, "it fails")  # names are cut, whatever their length
    assert [text for text in cut() if not any(name in text for name in own)] == []
    bpy.ops.text3d.cancel()
    assert [text for text in cut() if not any(name in text for name in own)] == []
    state.ready, state.unclaimed, state.orphaned, state.others = [], [], [], {}


def test_with_an_object(addon, scene):
    addon.prompt = "a small red wooden chair"
    bpy.ops.text3d.generate()
    assert cut() == []
    addon.outputs = "cloud"
    bpy.ops.text3d.generate()
    assert cut() == []
    for target in scene.objects:
        target.select_set(True)
    assert cut() == []


@pytest.mark.parametrize("prompt", ["a small golden mushroom", "a narrow orange armchair"])
def test_with_long_words_that_can_be_swapped(addon, scene, prompt):
    addon.prompt = prompt
    bpy.ops.text3d.generate()
    assert len(swappable_words(prompt)) > 1
    assert cut() == []


def test_with_results_of_one_and_of_several_seeds(addon, scene):
    for prompt, count in (("a red chair", 3), ("a mug", 1), ("a boat", 1)):
        addon.prompt, addon.count = prompt, count
        bpy.ops.text3d.generate()
    load_results()
    assert len(strip.entries) == 5
    assert cut() == []


def test_with_every_conflict(addon, scene):
    for name, value in (("outputs", "cloud"), ("has_live_view", True), ("live_view_address", "x"), ("device", "mps"),
                        ("image", "/no/such.png")):  # fmt: skip
        setattr(addon, name, value)
    addon.model = "reference/shap-e-text"
    assert conflicts(addon)
    assert cut() == []


def test_with_missing_and_coming_model_files(addon, monkeypatch):
    file = WeightFile("shap-e/text300M", "about", 3_123_456_789, 5, "", "", (OFFICIAL,), "MIT", "", "Careful.")
    monkeypatch.setattr(weights_task, "known", {file.name: file})
    addon.model = OFFICIAL
    assert cut() == []
    assert cut_in_popover(TEXT3D_PT_download) == []
    transfer = Transfer("Downloading", OFFICIAL, {file.name: 3_123_456_789}, {file.name: 1_234_567_890})
    transfer.stage, transfer.name, transfer.bytes_per_s = "download", "clip/ViT-L-14", 12_345_678.0
    monkeypatch.setattr(weights_task, "transfer", transfer)
    monkeypatch.setattr(weights_task, "child", object())
    assert cut() == []


@pytest.mark.parametrize("is_online", [True, False])
def test_before_set_up_and_during_it(addon, monkeypatch, is_online):
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    bpy.context.preferences.system.use_online_access = is_online
    assert cut() == []
    state.problem = Problem("The disk is full.", reason="environment")
    assert cut() == []
    size = {"done_bytes": 1_500_000_000, "of_bytes": 2_000_000_000}
    newest = Progress("Installing PyTorch", 0.5, **size, bytes_per_s=5e6, left_s=80)
    monkeypatch.setattr(environment_task, "newest", newest)
    monkeypatch.setattr(environment_task, "child", object())
    assert cut() == []
    bpy.context.preferences.system.use_online_access = False
