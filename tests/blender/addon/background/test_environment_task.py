# SPDX-License-Identifier: GPL-3.0-or-later
"""The action on the environment that a timer follows."""

from dataclasses import replace
from pathlib import Path

import pytest

from blender_text3d.addon.background import environment_task as module
from blender_text3d.addon.background.disk_usage import disk_usage
from blender_text3d.addon.background.environment_task import EnvironmentTask
from blender_text3d.addon.background.weights_task import weights_task
from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state.problem import Problem
from blender_text3d.environment.progress import Progress

CHOSEN = Choices(
    Path("/data/jobs"), Path("/data/worker-env"), Path("/own/python"), "/base/python", "cpu", "https://index", ""
)
READY = "Setup is complete. Type a prompt and press Generate."


class FakeChild:
    """A child whose progress the test sets."""

    def __init__(self, env_dir, action, **options):
        self.arguments, self.latest, self.calls = (env_dir, action, options), Progress("Creating", 0.5), []

    def progress(self):
        return self.latest

    def is_alive(self):
        return False

    def start(self):
        self.calls.append("start")

    def stop(self):
        self.calls.append("stop")

    def remove_output(self):
        self.calls.append("remove_output")


@pytest.fixture
def problems(monkeypatch):
    """The problems of the environment, one per look, the last one for all further ones."""
    problems = [None]
    monkeypatch.setattr(module, "environment_problem", lambda _: problems.pop(0) if problems[1:] else problems[0])
    monkeypatch.setattr(module, "choices", lambda: CHOSEN)
    return problems


@pytest.fixture
def remembered(monkeypatch):
    remembered = []
    monkeypatch.setattr(module, "remember_data_dir", remembered.append)
    return remembered


@pytest.fixture
def task(clean_state, problems, remembered, monkeypatch):
    monkeypatch.setattr(module, "EnvironmentChild", FakeChild)
    return EnvironmentTask()


def run(task, state, *, message="Done.", fix="", chosen=CHOSEN, **options):
    """Start an action and let it end."""
    task.start(chosen, **options)
    task.child.latest = Progress(message, 1.0, state, fix)
    assert task.poll() is None


@pytest.mark.parametrize(
    ("action", "python"), [("make", "/base/python"), ("repair", "/base/python"), ("try", "/own/python")]
)
def test_the_child_gets_the_preferences(task, action, python):
    task.start(CHOSEN, action, kit="/kit")
    options = {"python": python, "torch": "cpu", "torch_index": "https://index", "kit": "/kit", "part": ""}
    assert task.child.arguments == (Path("/data/worker-env"), action, options)


def test_by_default_the_environment_is_created_from_the_network(task):
    task.start(CHOSEN)
    assert task.child.arguments[1] == "make"
    assert task.child.arguments[2]["kit"] == ""


def test_the_start_clears_the_last_problem_and_one_that_fails_does_not(task, clean_state, monkeypatch):
    clean_state.problem = last = Problem("It failed.")
    monkeypatch.setattr(FakeChild, "start", lambda self: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        task.start(CHOSEN)
    assert (clean_state.problem, task.reason, task.child) == (last, "environment", None)
    monkeypatch.undo()


def test_a_started_action_clears_the_last_problem_and_shows_its_progress(task, clean_state):
    clean_state.problem = Problem("It failed.")
    task.start(CHOSEN)
    assert (clean_state.problem, task.newest) == (None, Progress("Starting"))
    assert task.poll() == 0.5
    assert task.newest == Progress("Creating", 0.5)


@pytest.mark.parametrize(
    ("action", "kit", "reason"),
    [
        ("make", "", "environment"), ("renew", "", "renewal"), ("repair", "", "repair"), ("test", "", "offline_repair"),
        ("remove", "", "removal"), ("try", "", "own_python"), ("make", "/kit", "kit"), ("renew", "/kit", "kit"),
    ],
)  # fmt: skip
def test_a_failure_has_the_reason_of_its_action(task, clean_state, action, kit, reason):
    run(task, "failed", message="It is broken", fix="Try again.", action=action, kit=kit)
    assert clean_state.problem.reason == reason
    assert clean_state.problem.message == "It is broken."


@pytest.mark.parametrize(
    ("action", "fix"),
    [
        ("make", "Free some space."),
        ("repair", "Free some space."),
        ("try", "Choose another Python Override in the preferences, or clear it."),
    ],
)
def test_the_fix_is_that_of_the_button_if_there_is_one_and_else_that_of_the_child(task, clean_state, action, fix):
    run(task, "failed", message="It is broken.", fix="Free some space.", action=action)
    assert clean_state.problem == Problem("It is broken.", fix, task.reason)


@pytest.mark.parametrize("state", ["ready", "failed"])
def test_the_end_has_sizes_and_files_read_again(task, monkeypatch, state):
    monkeypatch.setattr(disk_usage, "_valid_until_s", 1e9)
    monkeypatch.setattr(weights_task, "is_list_wanted", True)
    run(task, state)
    assert disk_usage._valid_until_s == 0.0
    assert weights_task.is_list_wanted is False


def test_a_stopped_action_is_no_problem_and_changes_nothing(task, clean_state, monkeypatch):
    monkeypatch.setattr(weights_task, "is_list_wanted", True)
    task.start(CHOSEN)
    child = task.child
    child.latest = Progress("Stopped.", 0.5, "failed")
    task.stop()
    assert (clean_state.problem, weights_task.is_list_wanted) == (None, True)
    assert child.calls == ["start", "stop", "remove_output"]


@pytest.mark.parametrize(
    ("before", "after", "notices"),
    [(Problem("It is missing."), None, [READY]), (None, None, []), (Problem("It is missing."), Problem("Still."), [])],
)
def test_the_next_step_is_told_after_the_first_setup_only(task, clean_state, problems, before, after, notices):
    problems[:] = [before, after]
    run(task, "ready")
    assert list(clean_state.notices) == notices
    assert clean_state.problem is None


@pytest.mark.parametrize(
    ("action", "is_moved", "state", "is_told"),
    [
        ("make", True, "ready", True), ("renew", True, "ready", True), ("repair", True, "ready", True),
        ("test", True, "ready", True), ("remove", True, "ready", False), ("try", True, "ready", False),
        ("make", False, "ready", False), ("make", True, "failed", False),
    ],
)  # fmt: skip
def test_other_blenders_get_to_know_a_data_folder_that_has_an_environment(
    task, remembered, action, is_moved, state, is_told
):
    run(task, state, chosen=replace(CHOSEN, is_moved=is_moved), action=action)
    assert remembered == ([Path("/data")] if is_told else [])


def test_a_data_folder_that_cannot_be_shared_is_a_notice(task, clean_state, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", "/default/note")

    monkeypatch.setattr(module, "remember_data_dir", refuse)
    run(task, "ready", chosen=replace(CHOSEN, is_moved=True))
    assert list(clean_state.notices) == [
        "The Data Folder /data is not shared with other Blender versions: /default/note cannot be written."
    ]


def test_a_disabled_addon_leaves_the_child_and_drops_the_sizes(task, monkeypatch):
    monkeypatch.setattr(disk_usage, "known", "sizes")
    task.start(CHOSEN)
    child = task.child
    task.detach()
    assert (task.child, child.calls, disk_usage.known) == (None, ["start"], None)
