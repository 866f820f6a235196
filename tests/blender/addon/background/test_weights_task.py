# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists and transfers of weights that timers follow."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.addon.background import weights_task as module
from blender_text3d.addon.background.weights_task import WeightsTask, exit_message, new_child
from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state.problem import Problem
from blender_text3d.addon.state.weight_files import Transfer

MODEL = "shap-e/text300M"


def line(name, file="", models=(MODEL,)):
    """Return a line of the list."""
    return {
        "name": name, "about": "", "bytes": 100, "received_bytes": 0, "folder": "/weights", "file": file,
        "needed_by": list(models), "licence": "MIT", "card": "", "warning": "",
    }  # fmt: skip


class FakeChild:
    """A child whose output the test sets."""

    made = []

    def __init__(self, python, folder, action, *arguments):
        self.command = (python, folder, action, *arguments)
        self.alive, self.lines, self.code, self.calls = True, [], 0, []
        self.made.append(self)

    def is_alive(self):
        return self.alive

    def new_messages(self):
        lines, self.lines = self.lines, []
        return lines

    def exit_code(self):
        return self.code

    def last_line(self):
        return "Killed"

    def start(self):
        self.calls.append("start")

    def stop(self):
        self.calls.append("stop")

    def remove_output(self):
        self.calls.append("remove_output")


@pytest.fixture
def task(clean_state, monkeypatch):
    chosen = Choices(Path("/data/jobs"), Path("/data/worker-env"), Path("/own/python"), "", "auto", "", "")
    monkeypatch.setattr(FakeChild, "made", [])
    monkeypatch.setattr(module, "WeightsChild", FakeChild)
    monkeypatch.setattr(module, "choices", lambda: chosen)
    monkeypatch.setattr(module, "environment_problem", lambda _: None)
    return WeightsTask()


def start(task, model=MODEL):
    """Start a download and return its child."""
    task.start(Transfer("Downloading", model), "fetch", model)
    return task.child


def end(task, code=0, *lines):
    """Let the transfer end with these last lines."""
    task.child.alive, task.child.code, task.child.lines = False, code, list(lines)
    task.poll()


def test_a_child_runs_in_the_workers_python_with_its_output_in_the_data_folder(task):
    assert new_child("import", "/stick", "a").command == (Path("/own/python"), Path("/data"), "import", "/stick", "a")


def test_the_list_is_read_when_it_is_complete(task):
    task.refresh()
    (child,) = FakeChild.made
    assert child.command[2:] == ("list",)
    child.lines = [line("a"), line("b", "/weights/b")]
    task._lister.poll()
    assert task.known == {}
    child.alive = False
    task._lister.poll()
    assert list(task.known) == ["a", "b"]
    assert child.calls == ["start", "remove_output"]


def test_an_invalid_list_leaves_the_last_one(task):
    task.store_list([line("a")])
    task.store_list([line("b"), {"stage": "failed"}])
    assert list(task.known) == ["a"]
    task.store_list([])
    assert task.known == {}


def test_missing_are_the_files_of_the_model_that_are_not_here(task):
    task.store_list([line("a"), line("b", "/weights/b"), line("c", models=["point-e/base1B"]), line("d", None)])
    assert [file.name for file in task.missing(MODEL)] == ["a", "d"]
    assert task.missing("mini/shap-e") == []


def test_files_are_not_listed_twice_at_once_nor_during_a_transfer_nor_without_an_environment(task, monkeypatch):
    task.refresh()
    task.refresh()
    assert len(FakeChild.made) == 1
    task._lister.detach()
    start(task)
    task.refresh()
    assert len(FakeChild.made) == 2
    task.detach()
    monkeypatch.setattr(module, "environment_problem", lambda _: Problem("It is missing."))
    task.refresh()
    assert len(FakeChild.made) == 2


def test_a_list_that_cannot_be_started_is_no_error(task, monkeypatch):
    monkeypatch.setattr(FakeChild, "start", lambda self: (_ for _ in ()).throw(OSError("read-only")))
    task.refresh()
    assert task._lister.child is None


@pytest.mark.parametrize(
    ("is_known", "is_wanted", "background", "count"),
    [(False, False, False, 1), (True, False, False, 0), (False, True, False, 0), (False, False, True, 0)],
)
def test_a_panel_has_the_files_listed_once(task, monkeypatch, is_known, is_wanted, background, count):
    registered = []
    timers = SimpleNamespace(register=lambda do, first_interval: registered.append((do, first_interval)))
    monkeypatch.setattr(module, "bpy", SimpleNamespace(app=SimpleNamespace(background=background, timers=timers)))
    task.store_list([line("a")] * is_known)
    task.is_list_wanted = is_wanted
    task.want_list()
    task.want_list()
    assert registered == [(task.refresh, 0.0)] * count


def test_at_first_no_files_are_known_and_no_panel_has_asked(task):
    assert (task.known, task.is_list_wanted, task.transfer, task.is_running()) == ({}, False, None, False)


def test_a_forgotten_list_is_wanted_again(task):
    task.store_list([line("a")])
    task.is_list_wanted = True
    task.forget_list()
    assert (task.known, task.is_list_wanted) == ({}, False)


def test_a_transfer_is_updated_while_it_runs_and_by_its_last_lines(task):
    child = start(task)
    assert child.command[2:] == ("fetch", MODEL)
    child.lines = [{"stage": "download", "checkpoint": "a", "done_bytes": 1, "of_bytes": 4}]
    assert task.poll() == 0.3
    assert (task.transfer.share, task.is_running()) == (0.25, True)
    end(task, 0, {"stage": "download", "checkpoint": "a", "done_bytes": 4, "of_bytes": 4})
    assert (task.transfer.share, task.is_running()) == (1.0, False)


def test_a_transfer_that_was_asked_to_stop_runs_until_it_has_ended(task, clean_state):
    child = start(task)
    task.stop()
    assert task.is_running()
    child.code = 1
    end(task, 1, {"stage": "notice", "message": "It can be resumed."})
    assert not task.is_running()
    assert clean_state.problem is None
    assert list(clean_state.notices) == ["It can be resumed."]


def test_the_files_are_listed_again_after_a_transfer(task):
    start(task)
    end(task)
    assert [child.command[2] for child in FakeChild.made] == ["fetch", "list"]


@pytest.mark.parametrize("reason", ["weights", "broken_weights", "fetch"])
@pytest.mark.parametrize("when", ["start", "end"])
def test_a_problem_with_files_is_cleared_by_the_start_and_the_success_of_a_transfer(task, clean_state, reason, when):
    if when == "start":
        clean_state.problem = Problem("They are missing.", reason=reason)
        start(task)
    else:
        start(task)
        clean_state.problem = Problem("They are missing.", reason=reason)
        end(task)
    assert clean_state.problem is None


def test_another_problem_stays(task, clean_state):
    clean_state.problem = other = Problem("It crashed.", reason="worker_died")
    start(task)
    end(task)
    assert clean_state.problem is other


def test_a_transfer_that_cannot_be_started_leaves_the_last_one_and_its_problem(task, clean_state, monkeypatch):
    task.transfer, clean_state.problem = Transfer("Importing"), Problem("They are missing.", reason="weights")
    monkeypatch.setattr(FakeChild, "start", lambda self: (_ for _ in ()).throw(OSError("read-only")))
    with pytest.raises(OSError, match="read-only"):
        start(task)
    assert (task.transfer.verb, clean_state.problem.reason, task.child) == ("Importing", "weights", None)


@pytest.mark.parametrize(("model", "reason"), [(MODEL, "fetch"), ("", "bad_request")])
def test_a_failure_can_be_repeated_for_the_files_of_one_model(task, clean_state, model, reason):
    start(task, model)
    end(task, 1, {"stage": "failed", "message": "a could not be downloaded."})
    assert clean_state.problem == Problem("a could not be downloaded.", reason=reason, model=model)


def test_a_failure_without_a_message_has_the_exit_code_and_the_last_line(task, clean_state):
    start(task)
    end(task, -9)
    assert clean_state.problem.message == "Downloading stopped (exit code -9): Killed. Try again."
    assert exit_message("Importing", 1, "") == "Importing stopped (exit code 1): no output. Try again."


def test_waiting_ends_when_transfer_and_list_have_ended(task):
    start(task)
    for child in FakeChild.made:
        child.alive = False
    original = FakeChild.__init__

    def ended(self, *arguments):
        original(self, *arguments)
        self.alive, self.lines = False, [line("a")]

    FakeChild.__init__ = ended
    try:
        task.wait()
    finally:
        FakeChild.__init__ = original
    assert list(task.known) == ["a"]


def test_a_disabled_addon_leaves_the_children_and_forgets_the_rest(task, monkeypatch):
    task.refresh()
    child = start(task)
    task.store_list([line("a")])
    task.is_list_wanted = True
    task.detach()
    assert (task.child, task.transfer, task.known, task.is_list_wanted) == (None, None, {}, False)
    assert task._lister.child is None
    assert child.calls == FakeChild.made[0].calls == ["start"]


def test_a_timer_that_waits_to_list_the_files_ends_with_the_addon(task, monkeypatch):
    registered = [task.refresh]
    timers = SimpleNamespace(is_registered=lambda do: do in registered, unregister=registered.remove)
    monkeypatch.setattr(module, "bpy", SimpleNamespace(app=SimpleNamespace(background=False, timers=timers)))
    task.detach()
    assert registered == []
