# SPDX-License-Identifier: GPL-3.0-or-later
"""The contact sheet with real jobs and objects: placement, marks, rolling again, and one undo step for the rest."""

import shutil
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.jobs import contact_sheet
from blender_text3d.addon.operators.contact_sheet import (
    COLORS,
    KEEP_KEYS,
    actions,
    handle,
    is_over_viewport,
    labels,
)
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.contact_sheet import SPACING, Mark
from blender_text3d.addon.state.session_state import state
from blender_text3d.client.results.marks import REJECTED, is_marked
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.scene.overlap import bounds


@pytest.fixture(autouse=True)
def no_sheet_left():
    yield
    contact_sheet.sheet = None


@pytest.fixture
def opened(addon, scene, drive):
    """A sheet of four results that are all in the scene; an undo step comes first, as in a window."""
    bpy.ops.ed.undo_push(message="Start")
    addon.seed, addon.has_random_seed = 20, False
    contact_sheet.open_sheet(scene, 4)
    drive(lambda: not state.jobs)
    return contact_sheet.sheet


def test_four_results_with_consecutive_seeds_stand_on_a_grid_at_the_cursor(addon, scene, opened):
    assert [cell.seed for cell in opened.cells] == [20, 21, 22, 23]
    assert len(scene.objects) == 4
    at = {tuple(round(value, 3) for value in item.location) for item in scene.objects}
    half = round(SPACING / 2, 3)
    assert at == {(-half, 0.0, SPACING), (half, 0.0, SPACING), (-half, 0.0, 0.0), (half, 0.0, 0.0)}


def test_keeping_one_removes_the_others_and_one_undo_brings_them_back(addon, scene, opened):
    kept = opened.cells[1].job_id
    opened.cells[1].mark = Mark.KEPT
    contact_sheet.close_sheet()
    assert [item["text3d_job_id"] for item in bpy.context.scene.objects] == [kept]
    assert len(bpy.data.meshes) == 1
    assert contact_sheet.sheet is None
    bpy.ops.ed.undo()
    assert len(bpy.context.scene.objects) == 4
    bpy.ops.ed.undo()
    assert len(bpy.context.scene.objects) == 0
    bpy.ops.ed.redo()
    bpy.ops.ed.redo()
    assert [item["text3d_job_id"] for item in bpy.context.scene.objects] == [kept]


def test_kept_results_come_down_to_a_row_on_the_ground_and_are_selected(addon, scene, opened):
    opened.cells[0].mark = opened.cells[1].mark = opened.cells[2].mark = Mark.KEPT
    order = [cell.job_id for cell in opened.cells[:3]]
    contact_sheet.close_sheet()
    places = {item["text3d_job_id"]: tuple(item.location) for item in bpy.context.scene.objects}
    expected = [(-SPACING, 0, 0), (0, 0, 0), (SPACING, 0, 0)]
    assert [places[job_id] for job_id in order] == [pytest.approx(place, abs=1e-5) for place in expected]
    assert {item["text3d_job_id"] for item in bpy.context.selected_objects} == set(order)
    bpy.ops.ed.undo()
    heights = {round(item.location.z, 3) for item in bpy.context.scene.objects}
    assert heights == {0.0, SPACING}


def test_a_kept_object_that_the_user_moved_keeps_its_offset(addon, scene, opened):
    cell = opened.cells[3]
    cell.mark = Mark.KEPT
    contact_sheet.objects_of_sheet({cell.job_id})[0].location.y += 2
    contact_sheet.close_sheet()
    (kept,) = bpy.context.scene.objects
    assert tuple(kept.location) == pytest.approx((0, 2, 0), abs=1e-5)


def boxes_of(objects):
    bpy.context.view_layer.update()
    return [bounds(item) for item in objects]


def overlap(first, second) -> bool:
    return bool((first[0] < second[1]).all() and (first[1] > second[0]).all())


def test_the_sheet_and_the_kept_row_overlap_nothing_that_is_there(addon, scene, drive):
    bpy.ops.mesh.primitive_cube_add(size=2)
    bpy.ops.mesh.primitive_cube_add(size=1, location=(3.2, 0, 2))  # next to the first, above the row of kept ones
    obstacles = boxes_of(scene.objects)
    contact_sheet.open_sheet(scene, 4)
    drive(lambda: not state.jobs)
    on_sheet = boxes_of(contact_sheet.objects_of_sheet(contact_sheet.all_job_ids()))
    assert len(on_sheet) == 4
    assert not any(overlap(box, other) for box in on_sheet for other in obstacles)
    edge = max(high[0] for _, high in on_sheet) + 0.2
    bpy.ops.mesh.primitive_cube_add(size=0.3, location=(edge, 0, 0.15))  # in the way of a row of three
    obstacles += boxes_of([bpy.context.object])
    for cell in contact_sheet.sheet.cells[:3]:
        cell.mark = Mark.KEPT
    contact_sheet.close_sheet()
    kept = [item for item in bpy.context.scene.objects if "text3d_job_id" in item]
    assert [round(item.location.z, 5) for item in kept] == [0, 0, 0]
    assert not any(overlap(box, other) for box in boxes_of(kept) for other in obstacles)


def test_two_sheets_stand_beside_each_other(addon, scene, opened, drive):
    contact_sheet.close_sheet()
    first = boxes_of(bpy.context.scene.objects)
    contact_sheet.open_sheet(bpy.context.scene, 4)
    drive(lambda: not state.jobs)
    second = boxes_of(contact_sheet.objects_of_sheet(contact_sheet.all_job_ids()))
    assert (len(first), len(second)) == (4, 4)
    assert not any(overlap(box, other) for box in first for other in second)


def test_a_sheet_keeps_clear_of_objects_that_are_being_generated(addon, scene, start_job):
    start_job("slowly a chair")
    contact_sheet.open_sheet(scene, 4)
    assert min(cell.location[0] for cell in contact_sheet.sheet.cells) >= 1


def test_a_floor_and_hidden_objects_are_in_nobodys_way(addon, scene):
    bpy.ops.mesh.primitive_cube_add(size=9)
    bpy.ops.mesh.primitive_cube_add(size=2)
    bpy.context.object.hide_set(True)
    bpy.context.view_layer.update()
    contact_sheet.open_sheet(scene, 4)
    assert contact_sheet.sheet.center == (0, 0, 0)


def test_jobs_that_run_when_something_is_kept_come_to_the_row_too(addon, scene, opened, drive):
    opened.cells[0].mark = Mark.REJECTED
    contact_sheet.roll_rejected(scene)
    opened.cells[3].mark = Mark.KEPT
    contact_sheet.close_sheet()
    drive(lambda: not state.jobs)
    places = sorted(tuple(round(value, 3) for value in item.location) for item in bpy.context.scene.objects)
    assert places == [(-SPACING / 2, 0, 0), (SPACING / 2, 0, 0)]


def test_a_rejected_result_is_rejected_in_the_list_of_results_until_that_is_taken_back(addon, scene, opened, press):
    folders = [JobFolder(choices().jobs_dir / cell.job_id) for cell in opened.cells]
    press("X")
    opened.go_to(1)
    press("X")
    opened.go_to(1)
    press("X")
    opened.go_to(2)
    press("X")
    opened.go_to(2)
    press("K")
    assert [cell.mark for cell in opened.cells] == [Mark.REJECTED, Mark.NONE, Mark.KEPT, Mark.NONE]
    assert [is_marked(folder, REJECTED) for folder in folders] == [True, False, False, False]


def test_a_result_whose_folder_is_gone_is_rejected_on_the_sheet_with_a_sentence(addon, scene, opened, press):
    shutil.rmtree(choices().jobs_dir / opened.cells[0].job_id)
    taken, reports = press("X")
    assert taken
    assert reports == ["The result stays in the list of results (No such file or directory)"]
    assert opened.cells[0].mark == Mark.REJECTED


def test_without_a_decision_everything_stays(addon, scene, opened):
    contact_sheet.close_sheet()
    assert len(bpy.context.scene.objects) == 4
    assert not any(item.hide_get() for item in bpy.context.scene.objects)


def test_rejected_results_are_hidden_until_the_sheet_ends(addon, scene, opened):
    opened.cells[0].mark = Mark.REJECTED
    contact_sheet.update_visibility()
    hidden = [item["text3d_job_id"] for item in scene.objects if item.hide_get()]
    assert hidden == [opened.cells[0].job_id]
    opened.cells[0].mark = Mark.NONE
    contact_sheet.update_visibility()
    assert not any(item.hide_get() for item in scene.objects)


def test_comparing_shows_two_and_ending_shows_all_that_stay(addon, scene, opened):
    opened.go_to(3)
    opened.is_comparing = True
    contact_sheet.update_visibility()
    shown = {item["text3d_job_id"] for item in scene.objects if not item.hide_get()}
    assert shown == {opened.cells[0].job_id, opened.cells[3].job_id}
    contact_sheet.close_sheet()
    assert not any(item.hide_get() for item in bpy.context.scene.objects)


def test_rejected_cells_are_rolled_again_in_their_places(addon, scene, opened, drive):
    cell = opened.cells[2]
    old, place = cell.job_id, cell.location
    cell.mark = Mark.REJECTED
    (job,) = contact_sheet.roll_rejected(scene)
    assert (cell.job_id, cell.seed, cell.mark) == (job.folder.job_id, job.request.seed, Mark.NONE)
    assert job.request.prompt == "a red chair"
    assert old not in [item["text3d_job_id"] for item in scene.objects]
    drive(lambda: not state.jobs)
    (made,) = contact_sheet.objects_of_sheet({cell.job_id})
    assert tuple(made.location) == pytest.approx(place, abs=1e-5)
    assert len(scene.objects) == 4


def test_v_varies_the_current_object_in_all_cells_that_are_not_kept(addon, scene, opened, press, drive):
    opened.cells[0].mark, opened.cells[2].mark = Mark.KEPT, Mark.REJECTED
    opened.go_to(1)
    stay = [opened.cells[index].job_id for index in (0, 1)]
    assert press("V")[0]
    requests = [job.request for job in state.jobs.values()]
    assert [(request.seed, request.variation_strength) for request in requests] == [(21, 0.15)] * 2
    assert requests[1].variation_seed == (requests[0].variation_seed + 1) % 2**31
    assert [cell.seed for cell in opened.cells[2:]] == [request.variation_seed for request in requests]
    drive(lambda: not state.jobs)
    shown = {item["text3d_job_id"] for item in scene.objects}
    assert shown == {*stay, opened.cells[2].job_id, opened.cells[3].job_id}
    opened.go_to(3)
    press("V", shift=True)
    again = next(iter(state.jobs.values())).request
    assert (again.earlier_variations, again.variation_strength) == (f"{requests[1].variation_seed}:0.15", 0.6)


def test_v_says_when_there_is_nothing_to_replace(opened, press):
    for cell in opened.cells:
        cell.mark = Mark.KEPT
    _, reports = press("V")
    assert reports == ["There is no other finished object to replace by a variation of this one"]
    assert not state.jobs


def test_nothing_is_rolled_again_while_nothing_is_rejected_or_its_job_still_runs(addon, scene, opened):
    assert contact_sheet.roll_rejected(scene) == []
    opened.cells[0].mark = Mark.REJECTED
    state.jobs[opened.cells[0].job_id] = SimpleNamespace(target=None, end="", folder=None)
    try:
        assert contact_sheet.roll_rejected(scene) == []
    finally:
        state.jobs.clear()
    assert len(scene.objects) == 4


def test_a_cell_whose_job_folder_is_gone_is_not_rolled_again(addon, scene, opened):
    opened.cells[0].mark = Mark.REJECTED
    opened.cells[0].job_id = "gone"
    assert contact_sheet.roll_rejected(scene) == []
    assert len(scene.objects) == 4


def test_jobs_that_run_when_the_sheet_ends_go_on_with_an_undo_step_of_their_own(addon, scene, drive):
    contact_sheet.open_sheet(scene, 2)
    assert all(job.target.is_on_sheet for job in state.jobs.values())
    contact_sheet.close_sheet()
    assert not any(job.target.is_on_sheet for job in state.jobs.values())
    drive(lambda: not state.jobs)
    assert len(bpy.context.scene.objects) == 2


def test_an_object_that_the_user_deleted_or_renamed_does_not_disturb_the_end(addon, scene, opened):
    bpy.data.objects.remove(scene.objects[0])
    scene.objects[0].name = "mine"
    opened.cells[1].mark = Mark.KEPT
    contact_sheet.close_sheet()
    assert len(bpy.context.scene.objects) <= 1


def test_a_script_without_window_gets_the_whole_sheet(addon, scene):
    assert bpy.ops.text3d.contact_sheet(count=3) == {"FINISHED"}
    assert len(bpy.context.scene.objects) == 3
    assert contact_sheet.sheet is None


def test_a_second_sheet_waits_for_the_end_of_the_first(addon, scene, opened):
    with pytest.raises(RuntimeError, match="A contact sheet is open"):
        bpy.ops.text3d.contact_sheet(count=3)


def window(x=50, y=50):
    """A context whose viewport is 100 x 100 with a sidebar of 20 at its right, and an event factory."""
    main = SimpleNamespace(type="WINDOW", x=0, y=0, width=100, height=100)
    sidebar = SimpleNamespace(type="UI", x=80, y=0, width=20, height=100)
    area = SimpleNamespace(x=0, y=0, width=100, height=100, regions=[main, sidebar], tag_redraw=lambda: None)
    context = SimpleNamespace(
        area=area, region=main, space_data=SimpleNamespace(region_3d=None), scene=bpy.context.scene
    )

    def event(key, value="PRESS", **modifiers):
        held = dict.fromkeys(("ctrl", "alt", "oskey", "shift"), False) | modifiers
        return SimpleNamespace(type=key, value=value, mouse_x=x, mouse_y=y, mouse_region_x=x, mouse_region_y=y, **held)

    return context, event


@pytest.fixture
def press(opened):
    """A function that presses a key over the viewport; it returns whether the sheet took it, and what it reported."""
    reports = []
    operator = SimpleNamespace(report=lambda kind, text: reports.append(text))

    def press(key, x=50, **modifiers):
        context, event = window(x)
        return handle(operator, context, event(key, **modifiers), opened), reports

    return press


def test_arrows_move_and_letters_mark(opened, press):
    assert press("RIGHT_ARROW")[0]
    assert press("DOWN_ARROW")[0]
    assert opened.current == 3
    for key, mark in (("K", Mark.KEPT), ("RET", Mark.KEPT), ("X", Mark.REJECTED)):
        current = opened.current
        assert press(key)[0]
        assert opened.cells[current].mark == mark
    assert set(KEEP_KEYS) == {"K", "RET", "NUMPAD_ENTER"}


def test_tab_compares_and_ends_comparing(opened, press):
    press("TAB")
    assert opened.is_comparing
    press("TAB")
    assert not opened.is_comparing


def test_other_keys_and_keys_with_modifiers_belong_to_blender(opened, press):
    assert not press("G")[0]
    assert not press("X", ctrl=True)[0]
    assert not press("K", alt=True)[0]
    assert not any(cell.mark for cell in opened.cells)


def test_keys_over_the_sidebar_belong_to_its_fields(opened, press):
    assert not press("X", x=90)[0]
    assert not press("X", x=150)[0]
    assert not any(cell.mark for cell in opened.cells)


def test_undo_is_held_back_with_a_sentence(press):
    taken, reports = press("Z", ctrl=True)
    assert taken
    assert reports == ["End the contact sheet with Esc before undoing"]


def test_rolling_without_rejected_results_says_how(press):
    _, reports = press("R")
    assert reports == ["Reject a finished object with X first"]


def test_labels_show_seed_and_decision_and_frame_the_current_cell(opened):
    opened.cells[1].mark = Mark.KEPT
    opened.go_to(2)
    texts = [label.text for label in labels(opened)]
    assert texts == ["20", "21  kept", "22", "23"]
    assert [label.has_frame for label in labels(opened)] == [False, False, True, False]
    assert labels(opened)[1].color == COLORS[Mark.KEPT]


def test_every_action_of_the_help_has_a_key(opened):
    context, _ = window()
    assert {"LEFT_ARROW", "RIGHT_ARROW", "UP_ARROW", "DOWN_ARROW", "K", "RET", "X", "R", "V", "TAB"} <= set(
        actions(SimpleNamespace(), context, opened)
    )


def test_the_mouse_is_over_the_viewport_only_inside_of_it():
    for x, y, expected in ((0, 0, True), (79, 99, True), (80, 50, False), (100, 50, False), (50, 100, False)):
        context, event = window(x, y)
        assert is_over_viewport(context, event("X")) is expected
    assert not is_over_viewport(SimpleNamespace(area=None), window()[1]("X"))
