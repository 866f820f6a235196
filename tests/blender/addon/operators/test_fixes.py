# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators behind the fix buttons, and those that clear messages and lists."""

from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.operators import fixes
from blender_text3d.addon.operators.fixes import logs_of, resolve_conflict
from blender_text3d.addon.operators.mesh import watertight_text
from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state.problem import Problem
from blender_text3d.addon.state.session_state import state
from blender_text3d.scene.mesh_report import MeshReport

JOB_LOG, WORKER_LOG, SETUP_LOG = Path("/jobs/job-1/worker.log"), Path("/worker.log"), Path("/data/worker-env.setup.log")


@pytest.fixture
def with_session(clean_state, monkeypatch):
    chosen = Choices(Path("/data/jobs"), Path("/data/worker-env"), None, "", "auto", "", "")
    monkeypatch.setattr(fixes, "choices", lambda: chosen)
    clean_state.session = SimpleNamespace(worker=SimpleNamespace(log=WORKER_LOG))
    return clean_state


@pytest.mark.parametrize(
    ("problem", "logs"),
    [
        (None, [WORKER_LOG, SETUP_LOG]),
        (Problem("It failed.", reason="worker_died"), [WORKER_LOG, SETUP_LOG]),
        (Problem("It failed.", reason="worker_died", job_path=Path("/jobs/job-1")), [JOB_LOG, WORKER_LOG, SETUP_LOG]),
        (Problem("It failed.", reason="environment"), [SETUP_LOG, WORKER_LOG]),
        (Problem("It failed.", reason="kit"), [SETUP_LOG, WORKER_LOG]),
        (Problem("It failed.", reason="renewal"), [SETUP_LOG, WORKER_LOG]),
        (Problem("It failed.", reason="repair", job_path=Path("/jobs/job-1")), [JOB_LOG, SETUP_LOG, WORKER_LOG]),
    ],
)
def test_the_likeliest_log_comes_first(with_session, problem, logs):
    assert logs_of(problem) == logs


def test_without_a_session_there_is_no_workers_log(with_session):
    with_session.session = None
    assert logs_of(None) == [SETUP_LOG]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("has_own_sampling", "", False), ("has_own_sampling", "1", True), ("quality", "draft", "draft"),
        ("outputs", "cloud", "cloud"), ("prompt", "", ""),
    ],
)  # fmt: skip
def test_a_conflict_is_resolved_by_a_value_and_a_checkbox_by_text_or_none(addon, name, value, expected):
    if name == "has_own_sampling":
        addon.has_own_sampling = not expected
    resolve_conflict(addon, name, value)
    assert getattr(addon, name) == expected


def test_a_setting_that_cannot_be_set_is_refused_and_others_clear_the_problem(addon):
    with pytest.raises(RuntimeError, match="The setting 'unknown' cannot be set to 'x'"):
        bpy.ops.text3d.settle(name="unknown", value="x")
    with pytest.raises(RuntimeError, match="The setting 'quality' cannot be set to 'unknown'"):
        bpy.ops.text3d.settle(name="quality", value="unknown")
    state.problem = Problem("It failed.")
    assert bpy.ops.text3d.settle(name="quality", value="draft") == {"FINISHED"}
    assert (addon.quality, state.problem) == ("draft", None)


@pytest.mark.parametrize(
    ("how", "device", "quality"),
    [("same", "cuda", "exact"), ("device", "auto", "exact"), ("processor", "cpu", "exact"), ("draft", "cuda", "draft"),
     ("mini", "cuda", "exact")],
)  # fmt: skip
def test_without_a_job_the_panel_is_changed_and_submitted(addon, scene, monkeypatch, how, device, quality):
    started = []
    monkeypatch.setattr(fixes, "start", lambda operator, *arguments: started.append(arguments) or {"FINISHED"})
    addon.device, addon.quality = "cuda", "exact"
    state.problem = Problem("It failed.")
    bpy.ops.text3d.try_again(how=how)
    assert (addon.device, addon.quality) == (device, quality)
    assert started == [(fixes.submit.generate, scene)]


def test_a_failed_job_is_retried_and_the_panel_stays(addon, scene, monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(fixes, "start", lambda operator, *arguments: started.append(arguments) or {"FINISHED"})
    state.problem, addon.quality = Problem("It failed.", job_path=tmp_path / "job-1"), "exact"
    bpy.ops.text3d.try_again(how="draft")
    ((function, folder, where, how),) = started
    assert (function, folder.path, where, how) == (fixes.retry, tmp_path / "job-1", scene, "draft")
    assert addon.quality == "exact"


def test_a_message_is_dismissed_alone_and_all_are_cleared(addon):
    for text in ("first", "second"):
        state.notice(text)
    state.problem = Problem("It failed.")
    bpy.ops.text3d.dismiss_message(message="first")
    assert (list(state.notices), str(state.problem)) == (["second"], "It failed.")
    bpy.ops.text3d.dismiss_message(message="unknown")
    bpy.ops.text3d.dismiss_message(message="")
    assert (list(state.notices), state.problem) == (["second"], None)
    state.problem = Problem("It failed.")
    bpy.ops.text3d.forget_trouble()
    assert (state.notices, state.problem) == ({}, None)


def test_one_offer_is_dismissed_by_its_name_and_all_without_one(addon, new_folder):
    folders = [new_folder(str(number)) for number in range(3)]
    state.ready = list(folders)
    bpy.ops.text3d.dismiss_job(job_id="1")
    assert state.ready == [folders[0], folders[2]]
    assert [folder.is_imported() for folder in folders] == [False, True, False]
    bpy.ops.text3d.dismiss_job()
    assert (state.ready, [folder.is_imported() for folder in folders]) == ([], [True] * 3)


def test_one_orphan_is_left_by_its_name_and_all_without_one(addon, new_folder):
    folders = [new_folder(str(number)) for number in range(3)]
    state.orphaned = list(folders)
    bpy.ops.text3d.leave_jobs(job_id="1")
    assert state.orphaned == [folders[0], folders[2]]
    bpy.ops.text3d.leave_jobs()
    assert state.orphaned == []


def test_one_ended_job_is_removed_by_its_name_and_all_without_one(addon, new_job):
    state.ended = {str(number): new_job(str(number)) for number in range(3)}
    state.jobs.clear()
    bpy.ops.text3d.remove_job(job_id="1")
    assert list(state.ended) == ["0", "2"]
    bpy.ops.text3d.remove_job()
    assert state.ended == {}


def test_the_model_is_unloaded_when_nothing_runs(addon):
    closed = []
    assert not bpy.ops.text3d.free_memory.poll()
    session = SimpleNamespace(jobs=["job"], close=lambda: closed.append(1))
    state.session = session
    assert not bpy.ops.text3d.free_memory.poll()
    session.jobs = []
    bpy.ops.text3d.free_memory()
    assert (closed, state.session) == ([1], None)


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ((6, 0, 0, 0, 0), "Yes"), ((0, 0, 0, 0, 0), "No: no faces"), ((6, 1, 1, 0, 0), "No: 1 hole, 1 open edge"),
        ((6, 1200, 2, 3, 4), "No: 2 holes, 1,200 open edges, 3 non-manifold edges, 4 flipped edges"),
        ((6, 0, 0, 1, 1), "No: 1 non-manifold edge, 1 flipped edge"),
    ],
)  # fmt: skip
def test_the_defects_of_a_mesh_are_counted_in_words(counts, text):
    faces, open_edges, holes, crowded, twisted = counts
    assert watertight_text(MeshReport(8, faces, 1, open_edges, holes, crowded, twisted)) == text
