# SPDX-License-Identifier: GPL-3.0-or-later
"""Every problem that one click can fix has the button that fixes it."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

import blender_text3d
from blender_text3d.addon.background.environment_task import environment_task
from blender_text3d.addon.panels import fix_buttons, messages
from blender_text3d.addon.panels.weights import TEXT3D_PT_download
from blender_text3d.addon.state import problem
from blender_text3d.addon.state.problem import BUTTONS, Problem, problem_of_failure
from blender_text3d.addon.state.session_state import state
from blender_text3d.environment.progress import Progress
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Failed
from blender_text3d.protocol.failures import Reason
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from tests.blender.recording_layout import RecordingLayout

PACKAGE = Path(blender_text3d.__file__).parent
WITHOUT_A_BUTTON = {"bad_request", "broken_blend"}  # a word or a number that only the user can choose
OFFICIAL = "shap-e/text300M"


def reasons_in_the_source() -> set[str]:
    """Return every failure reason in the source."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Failed", "Problem", "folder_failed"):
                place = {"Failed": 1, "Problem": 2, "folder_failed": 0}[node.func.id]
                given = [keyword.value for keyword in node.keywords if keyword.arg == "reason"] + node.args[place:][:1]
                found |= {constant.value for constant in given if isinstance(constant, ast.Constant)}
    return found | set(Reason)


def test_every_reason_has_buttons():
    reasons = reasons_in_the_source()
    assert {"environment", "worker_died", "broken_weights", "no_device", "offline_set_up", "latent_gone"} <= reasons
    assert reasons - WITHOUT_A_BUTTON <= BUTTONS.keys()


def test_the_panel_draws_the_buttons_of_every_reason(addon):
    for reason, names in BUTTONS.items():
        state.problem = Problem("It went wrong.", reason=reason, model=OFFICIAL)
        layout = RecordingLayout()
        messages.draw_problem(layout, state.problem, bpy.context)
        assert [fix_buttons.FIX_BUTTONS[name].label for name in names] == layout.texts[-1 - len(names) : -1], reason


@pytest.fixture
def parts():
    """The optional parts of started setups."""
    return []


@pytest.fixture
def actions(addon, monkeypatch, parts):
    """The actions of started setups; each setup fails at once."""
    actions = []

    class FailingChild:
        def __init__(self, env_dir, action, **options):
            actions.append(action)
            parts.append(options["part"])

        def start(self):
            pass

        def progress(self):
            return Progress("It broke.", state="failed", fix="Do this.")

        def remove_output(self):
            pass

    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    monkeypatch.setattr("blender_text3d.addon.background.environment_task.EnvironmentChild", FailingChild)
    bpy.context.preferences.system.use_online_access = True
    yield actions
    bpy.context.preferences.system.use_online_access = False


def offered() -> list:
    """Return the buttons drawn for the problem, without Clear."""
    layout = RecordingLayout()
    messages.draw_problem(layout, state.problem, bpy.context)
    return layout.buttons[:-1]


def called(button):
    """Press a button with its drawn properties."""
    group, name = button.identifier.split("_OT_")
    return getattr(getattr(bpy.ops, group.lower()), name)(**button.values)


SET_UPS = {"TEXT3D_OT_set_up", "TEXT3D_OT_repair", "TEXT3D_OT_remove_environment"}
DONE = {"environment": ["make"], "renewal": ["renew"], "repair": ["repair"], "removal": ["remove"]}


@pytest.mark.parametrize("reason", BUTTONS)
def test_an_offered_setup_button_fixes_the_reason(actions, reason):
    state.problem = Problem("It went wrong.", reason=reason)
    for button in [button for button in offered() if button.identifier in SET_UPS]:
        with pytest.raises(RuntimeError, match="It broke"):
            called(button)
    assert actions == DONE.get(reason, [])


@pytest.mark.parametrize(
    ("operator", "choices", "action"),
    [
        ("set_up", {}, "make"),
        ("set_up", {"is_anew": True}, "renew"),
        ("repair", {}, "repair"),
        ("remove_environment", {}, "remove"),
        ("add_part", {}, "add-part"),
        ("add_part", {"part": "cluster"}, "add-part"),
    ],
)
def test_the_failed_setup_action_is_offered_first(actions, operator, choices, action):
    with pytest.raises(RuntimeError, match="It broke. Do this."):
        getattr(bpy.ops.text3d, operator)(**choices)
    with pytest.raises(RuntimeError):
        called(offered()[0])
    assert actions == [action, action]


def test_a_missing_part_is_installed_by_its_button(actions):
    state.problem = Problem("The package diffusers is not installed.", reason=Reason.MISSING_PART)
    with pytest.raises(RuntimeError, match="It broke. Do this."):
        called(offered()[0])
    assert actions == ["add-part"]


def test_missing_ray_is_installed_by_its_button(actions, parts):
    state.problem = Problem("The package Ray is not installed.", reason=Reason.MISSING_RAY)
    with pytest.raises(RuntimeError, match="It broke. Do this."):
        called(offered()[0])
    assert (actions, parts) == (["add-part"], ["cluster"])
    with pytest.raises(RuntimeError):
        called(offered()[0])
    assert parts == ["cluster", "cluster"]


def test_a_part_is_neither_installed_offline_nor_into_a_python_of_the_user(actions, monkeypatch):
    bpy.context.preferences.system.use_online_access = False
    with pytest.raises(RuntimeError, match="Online access is off"):
        bpy.ops.text3d.add_part()
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", "/usr/bin/python3")
    with pytest.raises(RuntimeError, match="installs nothing into a Python of your own"):
        bpy.ops.text3d.add_part()
    assert actions == []


def test_removing_a_part_ends_the_idle_worker_first(actions):
    ended = []
    worker = SimpleNamespace(kill=lambda: ended.append("worker"))
    state.session = SimpleNamespace(close=lambda: ended.append("session"), worker=worker, jobs=[])
    with pytest.raises(RuntimeError, match="It broke"):
        bpy.ops.text3d.remove_part()
    assert (ended, state.session, actions) == (["session", "worker"], None, ["remove-part"])


def test_a_kit_that_failed_is_answered_by_choosing_a_folder_again(actions, tmp_path):
    with pytest.raises(RuntimeError, match="It broke"):
        bpy.ops.text3d.install_kit(directory=str(tmp_path))
    assert offered()[0].identifier == "TEXT3D_OT_install_kit"


def test_without_the_network_an_environment_is_tested_and_only_the_repair_asks_for_it(actions, monkeypatch):
    bpy.context.preferences.system.use_online_access = False
    monkeypatch.setattr("blender_text3d.addon.operators.environment.environment_problem", lambda chosen: None)
    with pytest.raises(RuntimeError, match="It broke. To rebuild it, allow online access .* offline kit"):
        bpy.ops.text3d.repair()
    assert actions == ["test"]
    first, second = [button.identifier for button in offered()][:2]
    assert (first, second) == ("EXTENSIONS_OT_userpref_allow_online", "TEXT3D_OT_install_kit")


def test_a_set_up_that_cannot_be_started_is_offered_again_and_no_object_is(actions, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr("blender_text3d.addon.background.environment_task.EnvironmentChild.start", refuse)
    with pytest.raises(RuntimeError, match="could not be started.*Choose another Data Folder"):
        bpy.ops.text3d.set_up(is_anew=True)
    assert not environment_task.is_running()
    assert offered()[0].values == {"is_anew": True}
    assert problem.RETRY not in state.problem.buttons


def test_a_worker_whose_packages_are_broken_is_answered_by_a_repair(actions, failed):
    failed("environment")
    assert "Press Check and Repair" in str(state.problem)
    with pytest.raises(RuntimeError):
        called(offered()[0])
    assert actions == ["repair"]


def test_a_python_of_the_users_own_that_fails_is_answered_by_the_preference_and_never_by_set_up(
    actions, failed, monkeypatch
):
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", "/own/python")
    failed("environment")
    assert offered()[0].identifier == "TEXT3D_OT_open_preferences"
    with pytest.raises(RuntimeError, match="It broke. Choose another Python Override"):
        bpy.ops.text3d.repair()
    assert actions == ["try"]
    assert offered()[0].identifier == "TEXT3D_OT_open_preferences"
    assert not SET_UPS & {button.identifier for button in offered()}
    for make in (bpy.ops.text3d.set_up, lambda: bpy.ops.text3d.install_kit(directory="/kit")):
        with pytest.raises(RuntimeError, match="would not be used"):
            make()
    assert actions == ["try"]


@pytest.fixture
def failed(addon, tmp_path):
    """A function that sets the problem of a job that failed for a reason."""

    def failed(reason: str, useless=(), **settings) -> JobFolder:
        (request,) = make_requests(settings.pop("prompt", "a red chair"), seed=5, **settings)
        folder = create_job(tmp_path / "data/jobs", request)
        event = Failed(message="It went wrong.", reason=reason, fix="Do this.")
        state.problem = problem_of_failure(event, folder.path, request.model, useless)
        return folder

    return failed


def recipe(scene) -> dict:
    """Return the recipe of the only object."""
    (target,) = scene.objects
    return json.loads(target["text3d_recipe"])


def press(scene, name: str) -> dict:
    """Press one of the problem's buttons and return the recipe of the new object."""
    assert name in state.problem.buttons
    fix = fix_buttons.FIX_BUTTONS[name]
    group, operator = fix.operator.split(".")
    assert getattr(getattr(bpy.ops, group), operator)(**fix.properties) == {"FINISHED"}
    assert state.problem is None
    return recipe(scene)


@pytest.mark.parametrize("reason", ["worker_died", "interrupted", "broken_job", "internal"])
def test_the_failed_job_is_retried_and_not_the_current_panel(failed, addon, scene, reason):
    failed(reason, size_m=2.0)
    addon.prompt, addon.seed = "something else", 9
    request = press(scene, problem.RETRY)
    assert (request["prompt"], request["seed"], request["size_m"]) == ("a red chair", 5, 2.0)


def test_after_out_of_memory_a_draft_is_one_click_away(failed, scene):
    failed("out_of_memory", quality="exact", grid=512)
    request = press(scene, problem.DRAFT)
    assert (request["quality"], request["steps"], request["grid"]) == ("draft", 2, 64)


def test_after_out_of_memory_on_a_gpu_the_cpu_is_one_click_away(failed, scene):
    folder = failed("out_of_memory", device="auto")
    assert press(scene, problem.USE_CPU)["prompt"] == "a red chair"
    (new,) = [path for path in folder.path.parent.iterdir() if path.is_dir() and path != folder.path]
    assert JobFolder(new).read_request().device == "cpu"


def test_a_fix_that_changes_nothing_is_not_offered(start_job, drive):
    start_job("it fails", quality="draft")
    drive(lambda: not state.jobs)
    assert state.problem.reason == "out_of_memory"
    assert problem.DRAFT not in state.problem.buttons
    state.device = "x86_64 CPU (2 threads)"
    start_job("it fails", quality="standard")
    drive(lambda: not state.jobs)
    assert problem.DRAFT in state.problem.buttons


def test_a_missing_device_is_answered_by_the_automatic_one(failed, scene):
    folder = failed("no_device", device="cuda:3")
    press(scene, problem.DEVICE)
    (new,) = [path for path in folder.path.parent.iterdir() if path.is_dir() and path != folder.path]
    assert JobFolder(new).read_request().device == "auto"


def test_an_empty_object_is_answered_by_another_seed(failed, scene):
    failed("nothing_made")
    assert press(scene, problem.SEED)["seed"] != 5


@pytest.mark.parametrize("reason", ["weights", "broken_weights", "reference"])
def test_files_that_are_missing_are_answered_by_the_small_model(failed, scene, reason):
    failed(reason, model=OFFICIAL)
    request = press(scene, problem.MINI)
    assert (request["model"], request["steps"], request["prompt"]) == ("mini/shap-e", 4, "a red chair")


def test_broken_weights_of_an_official_model_offer_a_download(failed):
    failed("broken_weights", model=OFFICIAL)
    assert state.problem.buttons[:2] == ("fetch", "import")
    assert "Download it again" in str(state.problem)
    layout = RecordingLayout()
    TEXT3D_PT_download.draw(SimpleNamespace(layout=layout), bpy.context)
    bpy.context.preferences.system.use_online_access = True
    TEXT3D_PT_download.draw(SimpleNamespace(layout=layout), bpy.context)
    bpy.context.preferences.system.use_online_access = False
    fetches = [button.values for button in layout.buttons if button.identifier == "TEXT3D_OT_fetch_weights"]
    assert fetches == [{"model": OFFICIAL}]
    assert [button.identifier for button in offered()][0] == "WM_OT_call_panel"


def test_a_broken_included_model_offers_no_download(failed):
    failed("broken_weights", model="mini/shap-e")
    assert "fetch" not in state.problem.buttons
    assert "complete download" in str(state.problem)


def test_a_latent_that_does_not_fit_offers_to_generate_again(failed, scene, tmp_path):
    (tmp_path / "latent.npz").write_bytes(b"none")
    failed("wrong_latent", latent=str(tmp_path / "latent.npz"))
    assert press(scene, problem.SAMPLE)["latent"] == ""


def test_a_missing_latent_offers_regenerate(addon, scene):
    bpy.ops.text3d.generate()
    with pytest.raises(RuntimeError, match="latent of this object no longer exists"):
        bpy.ops.text3d.decode_again(grid=32)
    assert state.problem.buttons == (problem.MAKE_AGAIN,)
    assert bpy.ops.text3d.make_again() == {"FINISHED"}


def test_an_unreadable_image_offers_to_choose_another(addon, tmp_path):
    state.problem = Problem("It is not an image.", reason="bad_image")
    assert bpy.ops.text3d.choose_image(filepath=str(tmp_path / "b.png")) == {"FINISHED"}
    assert addon.image == str(tmp_path / "b.png")
    assert state.problem is None


def test_the_image_of_a_failed_job_is_taken_from_its_folder(failed, scene, tmp_path):
    (tmp_path / "a.png").write_bytes(b"an image")
    folder = failed("worker_died", image=str(tmp_path / "a.png"))
    (tmp_path / "a.png").unlink()
    press(scene, problem.RETRY)
    copies = [path.read_bytes() for path in folder.path.parent.glob("*/input_image.png")]
    assert copies == [b"an image"] * 2


def test_retrying_a_job_with_a_missing_folder_is_reported(failed):
    folder = failed("worker_died")
    folder.request.unlink()
    with pytest.raises(RuntimeError, match="cannot be read"):
        bpy.ops.text3d.try_again()


def test_before_there_was_a_job_the_panel_is_tried_again(addon, scene):
    state.problem = Problem("Nothing was started.", reason="out_of_memory")
    assert bpy.ops.text3d.try_again(how="draft") == {"FINISHED"}
    assert addon.quality == recipe(scene)["quality"] == "draft"


def test_a_full_disk_is_answered_by_the_jobs_folder(addon, monkeypatch):
    opened = []
    monkeypatch.setattr("blender_text3d.addon.operators.fixes.bpy", FakeOperators(opened))
    from blender_text3d.addon.operators.fixes import TEXT3D_OT_open_jobs_folder

    assert TEXT3D_OT_open_jobs_folder.execute(None, None) == {"FINISHED"}
    assert Path(opened[0]).is_dir()
    assert BUTTONS["disk_full"][0] == problem.JOBS


class FakeOperators:
    """A stand-in for bpy that opens nothing."""

    def __init__(self, opened):
        self.ops = self.wm = self
        self.path_open = lambda filepath: opened.append(filepath) or {"FINISHED"}
