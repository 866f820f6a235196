# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators start work, wait for it and report problems."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.addon.operators import background_process, environment, generate, jobs, queue, weights
from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state.problem import Problem, SubmitError
from blender_text3d.addon.state.weight_files import Transfer, WeightFile

CHOSEN = Choices(Path("/data/jobs"), Path("/data/worker-env"), None, "", "auto", "", "")
PROBLEM = Problem("It failed.", "Try again.")


class Operator:
    """An operator that records its reports."""

    def __init__(self):
        self.reports, self.message = [], None

    def report(self, kinds, text):
        self.reports.append((*kinds, text))

    def poll_message_set(self, message):
        self.message = message


def execute_with_folder(kind, operator):
    """Execute an operator on a folder with a stand-in, which has only Blender's parts of an operator."""
    operator.wanted, operator.run = kind.wanted, lambda folder: kind.run(operator, folder)
    return kind.execute(operator, None)


@pytest.fixture
def operator(clean_state):
    return Operator()


@pytest.fixture
def background(monkeypatch):
    """A function that starts Blender with or without a window, online or offline."""

    def set_background(is_background, online_access=True):
        app = SimpleNamespace(background=is_background, online_access=online_access)
        for module in (background_process, generate, environment, weights):
            monkeypatch.setattr(module, "bpy", SimpleNamespace(app=app, path=SimpleNamespace(abspath=str)))

    set_background(False)
    return set_background


def test_a_problem_is_shown_in_the_panel_and_as_the_error(operator, clean_state, monkeypatch):
    redrawn = []
    monkeypatch.setattr(generate.redraw, "panels", lambda: redrawn.append(1))
    assert generate.fail(operator, PROBLEM) == {"CANCELLED"}
    assert clean_state.problem is PROBLEM
    assert operator.reports == [("ERROR", "It failed. Try again.")]
    assert redrawn == [1]


def test_with_a_window_jobs_are_only_queued(operator, clean_state, background, new_job, monkeypatch):
    monkeypatch.setattr(generate, "wait", lambda *_: pytest.fail("it waited"))
    clean_state.problem, job = PROBLEM, new_job()
    received = []
    submit = lambda *arguments: received.append(arguments) or [job]  # noqa: E731
    assert generate.start(operator, submit, "scene", 3) == {"FINISHED"}
    assert (received, clean_state.problem, operator.reports) == ([("scene", 3)], None, [])


def test_jobs_that_cannot_be_queued_are_a_problem(operator, clean_state, background):
    def refuse():
        raise SubmitError(PROBLEM)

    assert generate.start(operator, refuse) == {"CANCELLED"}
    assert clean_state.problem is PROBLEM


def test_an_object_that_was_not_placed_at_the_cursor_is_reported(operator, background, new_job):
    job = new_job()
    job.placed_next_to = "Cube"
    generate.start(operator, lambda: [job])
    assert operator.reports == [("INFO", 'Placed next to "Cube", which would hide it at the 3D cursor')]
    assert generate.start(operator, lambda: []) == {"FINISHED"}


def test_without_a_window_jobs_are_waited_for(operator, clean_state, background, new_job, monkeypatch):
    background(True)
    waited = []
    monkeypatch.setattr(generate.poll_timer, "run_until_done", waited.append)
    job = new_job()
    clean_state.notice("Be careful.")
    assert generate.start(operator, lambda: [job]) == {"FINISHED"}
    assert (waited, operator.reports) == ([[job]], [("WARNING", "Be careful.")])
    monkeypatch.setattr(generate.poll_timer, "run_until_done", lambda _: setattr(clean_state, "problem", PROBLEM))
    assert generate.start(operator, lambda: [job]) == {"CANCELLED"}
    assert operator.reports[-1] == ("ERROR", "It failed. Try again.")


def test_a_button_is_disabled_with_the_reason_if_the_worker_cannot_start(operator, monkeypatch):
    monkeypatch.setattr(generate, "worker_problem", lambda _: PROBLEM)
    assert not generate.can_start(operator)
    assert operator.message == "It failed."
    operator.message = None
    monkeypatch.setattr(generate, "worker_problem", lambda _: None)
    assert generate.can_start(operator)
    assert operator.message is None


def test_the_started_jobs_are_those_that_run_or_else_the_first(new_job, clean_state):
    first, second, third = (new_job(str(number)) for number in range(3))
    assert (generate.started_jobs(), generate.waiting_jobs()) == ([first], [second, third])
    first.stage = second.stage = "load"
    assert (generate.started_jobs(), generate.waiting_jobs()) == ([first, second], [third])
    clean_state.jobs.clear()
    assert (generate.started_jobs(), generate.waiting_jobs()) == ([], [])


def test_jobs_can_be_canceled_once(operator, new_job):
    first, second = new_job("1"), new_job("2")
    assert generate.can_cancel(operator, [first, second], "No jobs")
    first.is_cancel_requested = True
    assert generate.can_cancel(operator, [first, second], "No jobs")
    assert operator.message is None
    second.is_cancel_requested = True
    assert not generate.can_cancel(operator, [first, second], "No jobs")
    assert operator.message == "Already canceling"
    assert not generate.can_cancel(operator, [], "No jobs")
    assert operator.message == "No jobs"


def test_the_last_job_is_canceled_first(new_job, clean_state):
    first, second, third = (new_job(str(number)) for number in range(3))
    canceled = []
    clean_state.session = SimpleNamespace(cancel=canceled.append)
    assert generate.cancel([first, second]) == {"FINISHED"}
    assert canceled == [second.folder, first.folder]
    assert [job.is_cancel_requested for job in (first, second, third)] == [True, True, False]


def test_an_offered_job_is_found_by_its_name_and_all_without_one(clean_state, new_folder):
    first, second = new_folder("1"), new_folder("2")
    clean_state.ready = [first, second]
    assert jobs.offered_jobs("2") == [second]
    assert jobs.offered_jobs("") == [first, second]
    assert jobs.offered_jobs("3") == []


@pytest.mark.parametrize(("job_id", "is_found"), [("job-1", True), ("", False), ("../job-1", False), ("a/b", False)])
def test_a_job_is_found_by_a_plain_name_alone(monkeypatch, job_id, is_found):
    monkeypatch.setattr(jobs, "choices", lambda: CHOSEN)
    assert [folder.path for folder in jobs.job_by_name(job_id)] == [Path("/data/jobs/job-1")] * is_found


def test_a_job_that_cannot_be_read_counts_as_one_meter(new_folder):
    folder = new_folder("1", size_m=3.0)
    assert jobs.read_size(folder) == 3.0
    folder.request.unlink()
    assert jobs.read_size(folder) == 1.0


def test_the_newest_ended_job_is_the_one_without_a_name(clean_state, new_job):
    assert queue.ended_job("") is None
    first, second = new_job("1"), new_job("2")
    clean_state.ended = {"1": first, "2": second}
    assert (queue.ended_job(""), queue.ended_job("1"), queue.ended_job("3")) == (second.folder, first.folder, None)


def test_an_environment_is_not_created_for_a_python_override(operator):
    own = replace(CHOSEN, own_python=Path("/own/python"))
    for action in ("make", "renew", "repair"):
        assert environment.problem_before(own, action, "") == Problem(
            "Python Override is /own/python, so the environment would not be used.",
            "Clear Python Override in the preferences, then press Set Up.",
            "own_python",
        )
    assert environment.problem_before(own, "try", "") is None
    assert environment.problem_before(CHOSEN, "make", "") is None


def test_an_environment_is_not_created_with_a_build_that_is_not_available_unless_a_kit_has_its_own():
    unfit = replace(CHOSEN, torch="own")
    assert environment.problem_before(unfit, "make", "") == Problem(
        "PyTorch Index is empty in the preferences, but PyTorch is set to a custom index.",
        "Choose another PyTorch build in the preferences.",
        "unfit_build",
    )
    assert environment.problem_before(unfit, "make", "/kit") is None
    assert environment.problem_before(unfit, "test", "") is None


@pytest.fixture
def setup(operator, background, monkeypatch):
    """The actions that were started."""
    started = []
    monkeypatch.setattr(environment, "choices", lambda: CHOSEN)
    monkeypatch.setattr(environment.environment_task, "start", lambda *arguments: started.append(arguments))
    monkeypatch.setattr(environment.environment_task, "wait", lambda: started.append("wait"))
    return started


def test_setup_runs_in_the_background_and_is_waited_for_without_a_window(operator, setup, background, clean_state):
    assert environment.start(operator, "make", "/kit") == {"FINISHED"}
    assert setup == [(CHOSEN, "make", "/kit", "")]
    background(True)
    assert environment.start(operator, "renew") == {"FINISHED"}
    assert setup[1:] == [(CHOSEN, "renew", "", ""), "wait"]
    clean_state.problem = PROBLEM
    assert environment.start(operator, "renew") == {"CANCELLED"}
    assert operator.reports == [("ERROR", "It failed. Try again.")]


def test_a_setup_that_cannot_be_started_is_a_problem(operator, setup, clean_state, monkeypatch):
    def refuse(*_):
        raise OSError("no space")

    monkeypatch.setattr(environment.environment_task, "start", refuse)
    monkeypatch.setattr(environment.environment_task, "reason", "renewal")
    assert environment.start(operator, "renew") == {"CANCELLED"}
    assert clean_state.problem == Problem(
        "Setup could not be started: no space.",
        "Choose another Data Folder in the preferences, or make this one writable.",
        "renewal",
    )
    monkeypatch.setattr(environment, "choices", lambda: replace(CHOSEN, own_python=Path("/own")))
    assert environment.start(operator, "make") == {"CANCELLED"}
    assert clean_state.problem.reason == "own_python"


@pytest.mark.parametrize(
    ("own_python", "online", "problem", "action"),
    [
        (Path("/own"), True, None, "try"), (Path("/own"), False, PROBLEM, "try"), (None, True, None, "repair"),
        (None, True, PROBLEM, "repair"), (None, False, None, "test"), (None, False, PROBLEM, None),
    ],
)  # fmt: skip
def test_check_and_repair_does_what_is_possible(
    operator, setup, background, clean_state, monkeypatch, own_python, online, problem, action
):
    background(False, online)
    monkeypatch.setattr(environment, "choices", lambda: replace(CHOSEN, own_python=own_python))
    monkeypatch.setattr(environment, "environment_problem", lambda _: problem)
    result = environment.TEXT3D_OT_repair.execute(operator, None)
    assert [started[1] for started in setup] == ([action] if action else [])
    assert result == ({"FINISHED"} if action else {"CANCELLED"})
    assert clean_state.problem is (None if action else environment.OFFLINE)


@pytest.mark.parametrize(("is_anew", "action"), [(False, "make"), (True, "renew")])
def test_set_up_needs_online_access(operator, setup, background, clean_state, is_anew, action):
    operator.is_anew = is_anew
    assert environment.TEXT3D_OT_set_up.execute(operator, None) == {"FINISHED"}
    assert setup == [(CHOSEN, action, "", "")]
    background(False, online_access=False)
    assert environment.TEXT3D_OT_set_up.execute(operator, None) == {"CANCELLED"}
    assert clean_state.problem.reason == "offline_set_up"


def test_a_kit_needs_a_folder_and_no_online_access(operator, setup, background, clean_state):
    background(False, online_access=False)
    operator.directory = ""
    assert execute_with_folder(environment.TEXT3D_OT_install_kit, operator) == {"CANCELLED"}
    assert str(clean_state.problem) == "No folder was chosen. Choose the folder of an offline kit."
    operator.directory = "/kit"
    assert execute_with_folder(environment.TEXT3D_OT_install_kit, operator) == {"FINISHED"}
    assert setup == [(CHOSEN, "make", "/kit", "")]


@pytest.mark.parametrize(
    ("is_running", "is_stopping", "message"),
    [
        (False, False, None), (True, False, "Setup is already running"),
        (False, True, "The canceled setup is still removing its files"),
    ],
)  # fmt: skip
def test_setups_do_not_overlap(monkeypatch, is_running, is_stopping, message):
    messages = []
    monkeypatch.setattr(environment.environment_task, "is_running", lambda: is_running)
    monkeypatch.setattr(environment.environment_task, "is_stopping", lambda: is_stopping)
    kind = type("Kind", (environment.SetupOperator,), {"poll_message_set": messages.append})
    assert kind.poll(None) == (message is None)
    assert messages == ([message] if message else [])


@pytest.fixture
def transfers(operator, background, monkeypatch):
    """The transfers that were started."""
    started = []
    monkeypatch.setattr(weights, "environment_problem", lambda _: None)
    monkeypatch.setattr(weights.weights_task, "start", lambda *arguments: started.append(arguments))
    monkeypatch.setattr(weights.weights_task, "wait", lambda: started.append("wait"))
    return started


def test_a_transfer_is_waited_for_without_a_window(operator, transfers, background, clean_state):
    clean_state.problem, transfer = PROBLEM, Transfer("Downloading")
    assert weights.start(operator, transfer, "fetch", "model") == {"FINISHED"}
    assert (transfers, clean_state.problem) == ([(transfer, "fetch", "model")], None)
    background(True)
    assert weights.start(operator, transfer, "fetch", "model") == {"FINISHED"}
    assert transfers[-1] == "wait"


def test_a_transfer_that_cannot_start_is_a_problem(operator, transfers, clean_state, monkeypatch):
    def refuse(*_):
        raise OSError("no such file")

    monkeypatch.setattr(weights.weights_task, "start", refuse)
    monkeypatch.setattr(weights, "choices", lambda: CHOSEN)
    assert weights.start(operator, Transfer("Downloading"), "fetch") == {"CANCELLED"}
    assert clean_state.problem == Problem("Python could not be started: no such file.", reason="repair")
    monkeypatch.setattr(weights, "environment_problem", lambda _: PROBLEM)
    assert weights.start(operator, Transfer("Downloading"), "fetch") == {"CANCELLED"}
    assert clean_state.problem is PROBLEM


def test_a_transfer_begins_with_what_an_earlier_one_has_received():
    file = WeightFile("a", "", 100, 40, "", "", (), "MIT", "", "")
    transfer = weights.new_transfer("Downloading", "model", [file, replace(file, name="b", received_bytes=0)])
    assert (transfer.verb, transfer.model) == ("Downloading", "model")
    assert (transfer.total_bytes, transfer.done_bytes) == ({"a": 100, "b": 100}, {"a": 40, "b": 0})


@pytest.mark.parametrize(
    ("chosen", "panel", "online", "outcome"),
    [
        ("shap-e/text300M", "mini/shap-e", True, "shap-e/text300M"), ("", "point-e/base1B", True, "point-e/base1B"),
        ("", "mini/shap-e", True, "mini/shap-e needs no downloads."),
        ("shap-e/text300M", "", False, "Online access is off, so the files cannot be downloaded."),
    ],
)  # fmt: skip
def test_the_files_of_the_given_or_the_panels_model_are_downloaded(
    operator, transfers, background, clean_state, chosen, panel, online, outcome
):
    background(False, online)
    operator.model = chosen
    context = SimpleNamespace(scene=SimpleNamespace(text3d=SimpleNamespace(model=panel)))
    weights.TEXT3D_OT_fetch_weights.execute(operator, context)
    if clean_state.problem:
        assert (clean_state.problem.message, transfers) == (outcome, [])
        assert clean_state.problem.model == ("" if online else chosen)
    else:
        assert [(action, model) for _, action, model in transfers] == [("fetch", outcome)]


@pytest.mark.parametrize(
    ("folder", "model", "arguments"),
    [("/stick", "", ("import", "/stick")), ("/stick", "a/model", ("import", "/stick", "a/model")), ("", "", None)],
)  # fmt: skip
def test_files_are_imported_from_a_folder_for_one_or_for_all_models(
    operator, transfers, clean_state, folder, model, arguments
):
    operator.directory, operator.model = folder, model
    execute_with_folder(weights.TEXT3D_OT_import_weights, operator)
    assert [started[1:] for started in transfers] == ([arguments] if arguments else [])
    assert bool(clean_state.problem) == (arguments is None)
