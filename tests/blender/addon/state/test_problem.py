# SPDX-License-Identifier: GPL-3.0-or-later
"""Problems as the panel shows them."""

import errno
from pathlib import Path

import pytest

from blender_text3d.addon.settings.choices import Choices
from blender_text3d.addon.state import problem as module
from blender_text3d.addon.state.problem import (
    BUTTONS,
    Problem,
    SubmitError,
    environment_problem,
    problem_of_error,
    problem_of_failure,
    reason_of_python,
)
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.manifest import Manifest, write_manifest
from blender_text3d.environment.paths import venv_python
from blender_text3d.environment.requirements import WORKER
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import Failed
from blender_text3d.protocol.failures import Reason

EXPECTED_BUTTONS = {
    "environment": "setup preferences doctor log",
    "renewal": "renew preferences doctor log",
    "repair": "repair preferences doctor log",
    "removal": "remove log",
    "kit": "kit preferences doctor log",
    "own_python": "preferences doctor log",
    "unfit_build": "automatic preferences",
    "read_only": "preferences again",
    "disk_full": "jobs preferences again",
    "out_of_memory": "draft processor free again log",
    "worker_died": "again log",
    "broken_job": "again",
    "bad_pipeline": "pipeline log",
    "missing_part": "add_part log",
    "missing_ray": "add_ray",
    "cluster": "cluster_log",
    "not_downloaded": "hub pipeline",
    "interrupted": "again",
    "internal": "again doctor log",
    "weights": "fetch import mini",
    "broken_weights": "fetch import mini",
    "broken_mini": "again doctor preferences",
    "fetch": "fetch import",
    "offline": "network import",
    "offline_set_up": "network kit preferences",
    "offline_repair": "network kit doctor log",
    "no_device": "device",
    "nothing_made": "seed",
    "bad_image": "picture",
    "bad_object": "log",
    "wrong_latent": "sample",
    "latent_gone": "make_again",
    "reference": "mini log",
    "remote": "again preferences",
    "conflict": "settle",
    "own_error": "doctor",
}


def chosen(tmp_path, own_python=None):
    return Choices(tmp_path / "jobs", tmp_path / "worker-env", own_python, "", "auto", "", "")


def failure(reason):
    return Failed(message="It failed.", reason=reason, fix="Try again.")


@pytest.fixture
def ready(tmp_path):
    """A data folder whose environment is complete."""
    env_dir = tmp_path / "worker-env"
    venv_python(env_dir).parent.mkdir(parents=True)
    venv_python(env_dir).touch()
    base_python = tmp_path / "python3"
    base_python.touch()
    write_manifest(env_dir, Manifest("ready", WORKER.sha256, str(base_python)))
    return tmp_path


def test_each_reason_has_the_buttons_that_help_the_best_first():
    assert {str(reason): " ".join(buttons) for reason, buttons in BUTTONS.items()} == EXPECTED_BUTTONS


def test_every_reason_has_a_button_but_a_bad_request_and_a_blend_that_is_told_in_a_notice():
    assert set(Reason) - {Reason.BAD_REQUEST, Reason.BROKEN_BLEND} == set(BUTTONS)


def test_hidden_fixes_and_unknown_reasons_have_no_buttons():
    assert Problem("It failed.").buttons == ()
    assert Problem("It failed.", reason="of a newer version").buttons == ()
    assert Problem("It failed.", reason="weights", hidden_fixes=("import", "log")).buttons == ("fetch", "mini")


def test_a_problem_is_its_message_and_its_fix():
    assert str(Problem("It failed.", "Try again.")) == "It failed. Try again."
    assert str(Problem("It failed.")) == "It failed."
    error = SubmitError(Problem("It failed.", "Try again."))
    assert (str(error), error.problem.message) == ("It failed. Try again.", "It failed.")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (BadRequest("There is no model x."), "bad_request"), (InvalidJob("There is no model x."), "read_only"),
        (ValueError("There is no model x."), "read_only"), (OSError("There is no model x."), "read_only"),
    ],
)  # fmt: skip
def test_only_a_bad_request_cannot_be_retried(error, reason):
    assert problem_of_error(error) == Problem("There is no model x.", "", reason)


@pytest.mark.parametrize(
    ("reason", "model", "expected", "fix"),
    [
        ("worker_died", "mini/shap-e", "worker_died", "Try again."),
        ("weights", "shap-e/text300M", "weights", "The Mini models need no download."),
        ("broken_weights", "shap-e/text300M", "broken_weights", "Download it again, or import it from a folder."),
        ("broken_weights", "mini/shap-e", "broken_mini", "Reinstall the add-on from a complete download."),
        ("no_device", "mini/shap-e", "no_device", "Use a device that this machine has."),
        ("of a newer version", "mini/shap-e", "of a newer version", "Try again."),
    ],
)
def test_the_fix_of_a_failed_job_names_buttons_where_the_worker_names_commands(reason, model, expected, fix):
    found = problem_of_failure(failure(reason), Path("job-1"), model, ("log",))
    assert found == Problem("It failed.", fix, expected, Path("job-1"), model, ("log",))


def test_by_default_no_fix_of_a_failed_job_is_hidden():
    assert problem_of_failure(failure("weights"), Path("job-1"), "shap-e/text300M").hidden_fixes == ()


@pytest.mark.parametrize(
    ("own_python", "reason", "fix"),
    [
        (None, "repair", "Press Check and Repair."),
        (Path("/usr/bin/python3"), "own_python", "Choose another Python Override in the preferences, or clear it."),
    ],
)
def test_an_environment_that_does_not_work_is_repaired_and_a_python_of_the_users_is_changed(
    tmp_path, monkeypatch, own_python, reason, fix
):
    monkeypatch.setattr(module, "choices", lambda: chosen(tmp_path, own_python))
    found = problem_of_failure(failure("environment"), Path("job-1"), "mini/shap-e")
    assert (found.reason, found.fix) == (reason, fix)
    assert reason_of_python(chosen(tmp_path, own_python)) == reason


def test_a_python_override_has_to_be_a_file(tmp_path):
    python = tmp_path / "python"
    assert environment_problem(chosen(tmp_path, python)) == Problem(
        f"Python Override {python} does not exist.",
        "Choose another Python Override in the preferences, or clear it.",
        "own_python",
    )
    python.mkdir()
    assert environment_problem(chosen(tmp_path, python)) is not None
    python.rmdir()
    python.touch()
    assert environment_problem(chosen(tmp_path, python)) is None


def test_a_complete_environment_is_no_problem(ready):
    assert environment_problem(chosen(ready)) is None


def test_the_addon_is_set_up_if_the_worker_can_start(ready, monkeypatch):
    monkeypatch.setattr(module, "choices", lambda: chosen(ready))
    assert module.is_set_up()
    monkeypatch.setattr(module, "choices", lambda: chosen(ready / "elsewhere"))
    assert not module.is_set_up()


def test_a_missing_environment_can_be_set_up(tmp_path):
    found = environment_problem(chosen(tmp_path))
    assert (found.message, found.reason) == ("Setup has not been run yet.", "environment")
    assert found.fix.startswith("Press Set Up")
    assert found.buttons == ("setup", "preferences", "doctor", "log")


@pytest.mark.parametrize("obstacle", ["other files", "another setup"])
def test_set_up_is_not_offered_where_it_would_be_refused(tmp_path, obstacle):
    env_dir = tmp_path / "worker-env"
    if obstacle == "other files":
        env_dir.mkdir()
        (env_dir / "photo.png").touch()
        assert environment_problem(chosen(tmp_path)).buttons == ("preferences", "doctor", "log")
        return
    with hold_lock(env_dir) as is_held:
        assert is_held
        assert environment_problem(chosen(tmp_path)).buttons == ("preferences", "doctor", "log")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied", "/data/file"),
            "/data/file cannot be read: Permission denied.",
        ),
        (OSError("gone"), "{} cannot be read: gone."),
    ],
)
def test_a_folder_that_cannot_be_read_is_a_problem_and_no_exception(tmp_path, monkeypatch, error, message):
    def find_problems(env_dir):
        raise error

    monkeypatch.setattr(module, "find_problems", find_problems)
    assert environment_problem(chosen(tmp_path)) == Problem(
        message.format(tmp_path / "worker-env"),
        "Choose another Data Folder in the preferences, or make this one readable.",
        "environment",
        hidden_fixes=("setup",),
    )
