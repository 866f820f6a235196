# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that check, create, test and repair an environment: what each sends and keeps."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from blender_text3d.environment import actions, lock, remove
from blender_text3d.environment.actions import ACTIONS
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.errors import Problem, SetupFailed
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.offline.kit import KitFile
from blender_text3d.environment.paths import log_path, venv_python
from blender_text3d.environment.progress import Progress
from blender_text3d.environment.requirements import WORKER
from blender_text3d.environment.smoke_test import SmokeTestFailed
from blender_text3d.environment.smoke_test_result import (
    FILE_NAME,
    SmokeTestResult,
    override_result_path,
    read_test_result,
    write_test_result,
)
from blender_text3d.system.run_logged import Log
from tests.environment.ready_environment import all_sent, write_ready_environment

READY = "The Python environment {} is ready."
PASSES = SmokeTestResult("3.11.2", "/tested", device="CPU")


@pytest.fixture
def env_dir(tmp_path, monkeypatch):
    """An environment that is ready, in the data folder; no test waits."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    for module in (lock, remove):
        monkeypatch.setattr(module, "RETRY_FOR_S", 0.0)
    return write_ready_environment(tmp_path / "env")


@pytest.fixture
def created(monkeypatch):
    """The options of each call that would create an environment."""
    calls = []
    monkeypatch.setattr(actions, "create_environment", lambda env_dir, report, **options: calls.append(options))
    return calls


def run(action, env_dir, kit=""):
    done, sent = all_sent(action, env_dir, kit=kit)
    return done, sent[-1]


def fails(python, packages, log):
    raise SmokeTestFailed("The packages do not work.", "Press Set Up again.")


@pytest.mark.parametrize("action", ["test", "repair"])
def test_an_environment_that_passes_is_kept_with_the_requested_build(action, env_dir, created, monkeypatch):
    monkeypatch.setattr(
        actions, "run_smoke_test", lambda python, packages, log: SmokeTestResult("3.11.2", str(python), device="CPU")
    )
    done, last = run(action, env_dir)
    assert done
    assert last.state == "ready"
    assert created == []
    result = read_test_result(env_dir / "1" / FILE_NAME)
    assert (result.python, result.tool, result.requested_build, result.build) == ("3.11.2", "uv 1", "cpu", "cpu")


def test_a_failing_environment_is_reported_by_test_and_replaced_by_repair(env_dir, created, monkeypatch):
    monkeypatch.setattr(actions, "run_smoke_test", fails)
    with pytest.raises(SetupFailed, match="do not work. Press Check and Repair with online access"):
        run("test", env_dir)
    assert created == []
    run("repair", env_dir)
    assert created[0]["force"]


def test_testing_an_environment_that_is_not_ready_reports_why_and_creates_nothing(tmp_path, created):
    done, last = run("test", tmp_path / "env")
    assert not done
    assert last.state == "failed"
    assert "Setup has not been run yet" in last.message
    assert created == []


@pytest.mark.parametrize("action", ["test", "repair", "remove"])
def test_an_environment_locked_by_another_process_is_not_changed(action, env_dir, created):
    with hold_lock(env_dir), pytest.raises(SetupFailed, match="Another process is using.*Wait"):
        run(action, env_dir)
    assert find_problems(env_dir) == []
    assert created == []


@pytest.mark.parametrize(("kit", "force"), [("", False), ("/kit", True)])
def test_a_kit_replaces_a_ready_environment(kit, force, env_dir, created, monkeypatch):
    monkeypatch.setattr(actions, "load_verified_kit", lambda *arguments: SimpleNamespace(files=(), weights=None))
    run("make", env_dir, kit)
    assert created[0]["force"] is force


def test_the_actions_have_the_names_that_the_command_line_and_blender_use():
    names = ["make", "renew", "check", "test", "repair", "remove", "try"]
    others = {
        "try": "test_other",
        "add-part": "add_optional_part",
        "remove-part": "remove_optional_part",
    }
    assert {name: action.__name__ for name, action in ACTIONS.items()} == {n: n for n in names} | others


def test_a_check_tells_that_an_environment_is_ready_or_why_not(env_dir):
    assert all_sent("check", env_dir) == (True, [Progress(READY.format(env_dir), 1.0, "ready")])
    venv_python(env_dir / "1").unlink()
    (problem,) = find_problems(env_dir)
    assert all_sent("check", env_dir) == (False, [Progress(problem.message, state="failed", fix=problem.fix)])


@pytest.mark.parametrize(("action", "force"), [("make", False), ("renew", True)])
def test_the_choices_are_passed_on_when_an_environment_is_created(action, force, env_dir, monkeypatch):
    calls = []

    def create(env_dir, report, **options):
        calls.append((env_dir, options))
        report("Installing", 0.02)

    monkeypatch.setattr(actions, "create_environment", create)
    done, sent = all_sent(action, env_dir, python="/p", torch="own", torch_index="/wheels")
    assert done is True
    choices = {"python": "/p", "torch": "own", "torch_index": "/wheels", "kit": None, "force": force}
    assert calls == [(env_dir, choices)]
    assert [progress.message for progress in sent] == ["Installing", READY.format(env_dir)]
    assert sent[-1] == Progress(READY.format(env_dir), 1.0, "ready")


@pytest.mark.parametrize(("torch", "gb"), [("cpu", 2.0), ("rocm7.2", 14.0)])
def test_the_expected_size_is_that_of_the_requested_build(torch, gb, env_dir, monkeypatch):
    monkeypatch.setattr(actions, "create_environment", lambda env_dir, report, **_: report("Installing", 0.02))
    sent = all_sent("make", env_dir, torch=torch)[1]
    assert sent[0].of_bytes == gb * 1e9
    assert type(sent[0].of_bytes) is int


@pytest.mark.parametrize("weights", [None, "/kit/weights"])
def test_a_kit_is_checked_first_and_its_weights_are_imported_last(weights, env_dir, monkeypatch):
    steps = []
    files = tuple(KitFile(path, size, "") for path, size in (("wheels/a.whl", 1000), ("wheels/b.txt", 5), ("x.whl", 1)))
    kit = SimpleNamespace(files=files, weights=weights)

    def load(folder, packages, report):
        steps.append(("load", str(folder), packages))
        report("Checking a.whl", 0.5)
        return kit

    def create(env_dir, report, **options):
        steps.append(("create", options["kit"] is kit, options["force"]))
        report("Installing", 0.02)

    def import_weights(env_dir, weights, report):
        steps.append(("import", env_dir, weights))
        report("Importing", 0.99)

    monkeypatch.setattr(actions, "load_verified_kit", load)
    monkeypatch.setattr(actions, "create_environment", create)
    monkeypatch.setattr(actions, "import_weights", import_weights)
    done, sent = all_sent("make", env_dir, kit="/kit")
    assert done
    imported = [("import", env_dir, weights)] if weights else []
    assert steps == [("load", "/kit", WORKER), ("create", True, True), *imported]
    assert sent[0] == Progress("Checking a.whl", 0.025)
    assert sent[1].of_bytes == int(1001 * 3.5)
    assert [progress.message for progress in sent[2:]] == ["Importing"] * bool(weights) + [READY.format(env_dir)]


@pytest.mark.parametrize("action", ["test", "repair"])
def test_a_test_replaces_the_result_and_keeps_what_was_chosen_on_creation(action, env_dir, created, monkeypatch):
    old = SmokeTestResult(
        "3.10", "/old", "1", "CUDA", "card", "1", "uv 1", 7, 9.0, ("A note.",), "own /w", "own", "/usr/bin/python3"
    )
    write_test_result(env_dir / "1" / FILE_NAME, old)
    log_path(env_dir).write_text("an old log")
    asked = []

    def passes(python, packages, log):
        asked.append((python, packages, log.path, log_path(env_dir).exists()))
        return PASSES

    monkeypatch.setattr(actions, "run_smoke_test", passes)
    monkeypatch.setattr(actions, "disk_bytes", lambda folder: 5 if folder == env_dir / "1" else 0)
    assert all_sent(action, env_dir) == (
        True, [Progress("Testing the environment", 0.02), Progress(READY.format(env_dir), 1.0, "ready")])  # fmt: skip
    assert asked == [(venv_python(env_dir / "1"), WORKER, log_path(env_dir), False)]
    assert read_test_result(env_dir / "1" / FILE_NAME) == SmokeTestResult(
        "3.11.2", "/tested", device="CPU", tool="uv 1", disk_bytes=5, notes=("A note.",), requested_build="own /w",
        build="own", requested_python="/usr/bin/python3",
    )  # fmt: skip
    assert created == []


def test_a_test_without_an_earlier_result_writes_a_new_one(env_dir, monkeypatch):
    (env_dir / "1" / FILE_NAME).unlink()
    monkeypatch.setattr(actions, "run_smoke_test", lambda *_: PASSES)
    assert all_sent("test", env_dir)[0]
    assert read_test_result(env_dir / "1" / FILE_NAME).python == "3.11.2"


def test_a_failed_test_says_how_to_repair_and_keeps_the_result(env_dir, monkeypatch):
    before = read_test_result(env_dir / "1" / FILE_NAME)
    monkeypatch.setattr(actions, "run_smoke_test", fails)
    with pytest.raises(SetupFailed) as caught:
        all_sent("test", env_dir)
    assert type(caught.value) is SetupFailed
    assert caught.value.problem == Problem("The packages do not work.", actions.FIX)
    assert read_test_result(env_dir / "1" / FILE_NAME) == before


def test_a_repair_says_in_short_why_it_replaces(env_dir, created, monkeypatch):
    def fails_at_length(*_):
        raise SmokeTestFailed("x" * 400, "")

    monkeypatch.setattr(actions, "run_smoke_test", fails_at_length)
    done, sent = all_sent("repair", env_dir)
    assert done
    assert sent[1] == Progress(("Replacing the environment: " + "x" * 400)[:300], 0.05)
    assert sent[-1].state == "ready"


def test_a_repair_creates_an_environment_that_is_not_ready_without_force(tmp_path, created, monkeypatch):
    monkeypatch.setattr(actions, "run_smoke_test", lambda *_: pytest.fail("it was tested"))
    assert all_sent("repair", tmp_path / "env")[0]
    assert [options["force"] for options in created] == [False]


def test_another_python_is_tested_and_its_result_kept_in_the_data_folder(tmp_path, monkeypatch):
    env_dir = tmp_path / "data" / "env"
    asked = []
    monkeypatch.setattr(actions, "run_smoke_test", lambda *arguments: asked.append(arguments) or PASSES)
    assert all_sent("try", env_dir, python="/my/python") == (
        True, [Progress("Testing /my/python", 0.1), Progress("/my/python can generate objects.", 1.0, "ready")],
    )  # fmt: skip
    assert asked == [(Path("/my/python"), WORKER, Log(log_path(env_dir)))]
    result = read_test_result(override_result_path(tmp_path / "data"))
    assert (result.executable, result.python) == ("/my/python", "3.11.2")


def test_the_result_of_another_python_that_fails_is_removed(tmp_path, monkeypatch):
    path = override_result_path(tmp_path)
    write_test_result(path, PASSES)
    monkeypatch.setattr(actions, "run_smoke_test", fails)
    with pytest.raises(SmokeTestFailed):
        all_sent("try", tmp_path / "env", python="/my/python")
    assert not path.exists()
