# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a creation: their order, what each is given, and what is left after a failure."""

import sys
from pathlib import Path

import pytest

from blender_text3d.environment import create
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import Problem, SetupFailed
from blender_text3d.environment.installers.install_plan import InstallStep, PackageSource
from blender_text3d.environment.interpreters import Interpreter
from blender_text3d.environment.lock import is_locked
from blender_text3d.environment.manifest import Manifest, read_manifest, write_manifest
from blender_text3d.environment.offline.kit import Kit, system_name
from blender_text3d.environment.paths import log_path, venv_python, worker_python
from blender_text3d.environment.requirements import Packages
from blender_text3d.environment.smoke_test_result import FILE_NAME, SmokeTestResult, read_test_result
from blender_text3d.system.run_logged import ProcessResult

PACKAGES = Packages(("a==1", "torch==2"), ("a",), 0.5, ("3.12", "3.11"))
BASE = Interpreter(Path("/base/python3.12"), "3.12")


class Tool:
    """A double of the installers, with a custom package source."""

    def __init__(self, steps):
        self.steps, self.notes = steps, ["A note."]

    def has_custom_source(self):
        return True

    def install(self, step, report):
        self.steps.append(("install", step.name))
        report("half", 0.5)

    def name(self):
        return "uv 9.9"


@pytest.fixture
def env_dir(tmp_path) -> Path:
    return tmp_path / "env"


@pytest.fixture
def steps(env_dir, monkeypatch) -> list:
    """What was done, in order, with doubles of the programs that take long."""
    steps: list = []

    def find_interpreter(versions, chosen):
        steps.append(("find", versions, chosen))
        return BASE

    def run_logged(command, log):
        steps.append(("venv", command, log.path))
        python = venv_python(Path(command[-1]))
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        return ProcessResult(0, [])

    def find_installer(env_dir, python, log, *, is_offline):
        steps.append(("installer", env_dir, python, is_offline))
        return Tool(steps)

    def install_steps(packages, source):
        steps.append(("plan", source))
        return [InstallStep("the packages", (), ()), InstallStep("PyTorch", (), ())]

    def run_smoke_test(python, packages, log):
        steps.append(("test", python, packages))
        return SmokeTestResult("3.12.1", str(python), device="CPU")

    for double in (find_interpreter, run_logged, find_installer, install_steps, run_smoke_test):
        monkeypatch.setattr(create, double.__name__, double)
    monkeypatch.setattr(create, "require_free_space", lambda folder, gb: steps.append(("space", folder, gb)))
    monkeypatch.setattr(create, "build_to_install", lambda requested: {"auto": "cpu"}.get(requested, requested))
    monkeypatch.setattr(create, "disk_bytes", lambda folder: 7 if folder.parent == env_dir else 0)
    return steps


def made(env_dir, report, **options):
    return create_environment(env_dir, report, packages=PACKAGES, **options)


def problem_of(env_dir, report, **options) -> Problem:
    with pytest.raises(SetupFailed) as caught:
        made(env_dir, report, **options)
    return caught.value.problem


def test_a_new_environment_is_created_in_this_order(env_dir, steps, report, news):
    assert made(env_dir, report) == venv_python(env_dir / "1")
    assert steps == [
        ("space", env_dir.parent, 0.5),
        ("find", ("3.12", "3.11"), ""),
        ("venv", [BASE.path, "-I", "-m", "venv", env_dir / "1"], log_path(env_dir)),
        ("installer", env_dir, venv_python(env_dir / "1"), False),
        ("plan", PackageSource("cpu")),
        ("install", "the packages"),
        ("install", "PyTorch"),
        ("test", venv_python(env_dir / "1"), PACKAGES),
    ]
    assert [(message, round(share, 6)) for message, share in news] == [
        ("Searching for a Python", 0.0),
        ("Creating an environment with Python 3.12", 0.01),
        ("Preparing the installer", 0.03),
        ("Installing the packages", 0.05),
        ("half", 0.25),
        ("Installing PyTorch", 0.45),
        ("half", 0.65),
        ("Testing the installation", 0.85),
        ("Measuring disk usage", 0.98),
        ("The environment is ready", 1.0),
    ]
    assert read_manifest(env_dir) == Manifest("ready", PACKAGES.sha256, "/base/python3.12", "1")
    assert find_problems(env_dir, PACKAGES) == []


def test_the_result_has_the_choices_and_what_was_measured(env_dir, steps, report):
    made(env_dir, report, python="/p", torch="own", torch_index="/wheels")
    assert read_test_result(env_dir / "1" / FILE_NAME) == SmokeTestResult(
        "3.12.1", str(venv_python(env_dir / "1")), device="CPU", tool="uv 9.9", disk_bytes=7, notes=("A note.",),
        requested_build="own /wheels", build="own", requested_python="/p",
    )  # fmt: skip
    assert ("find", ("3.12", "3.11"), "/p") in steps
    assert ("plan", PackageSource("own", "/wheels")) in steps


def test_a_ready_environment_is_only_replaced_by_force(env_dir, steps, report, news):
    made(env_dir, report)
    del steps[:], news[:]
    assert made(env_dir, report) == venv_python(env_dir / "1")
    assert (steps, news) == ([], [("The environment is ready", 1.0)])
    assert made(env_dir, report, force=True) == venv_python(env_dir / "2")
    assert not (env_dir / "1").exists()


def test_a_path_may_be_relative(env_dir, steps, report, monkeypatch):
    monkeypatch.chdir(env_dir.parent)
    assert made("env", report) == venv_python(env_dir / "1")


def test_the_lock_is_held_until_the_environment_is_ready(env_dir, steps, report, monkeypatch):
    held = []
    real = create.write_manifest
    monkeypatch.setattr(create, "write_manifest", lambda *words: (held.append(is_locked(env_dir)), real(*words)))
    made(env_dir, report)
    assert held == [True, True]
    assert not is_locked(env_dir)


def test_downloads_of_uv_are_removed_at_the_end_only(env_dir, steps, report, monkeypatch):
    (env_dir / "uv-cache").mkdir(parents=True)
    write_manifest(env_dir, Manifest("making", "", ""))
    with monkeypatch.context() as patch:
        patch.setattr(create, "run_smoke_test", lambda *_: pytest.fail("stopped"))
        with pytest.raises(pytest.fail.Exception):
            made(env_dir, report)
    assert (env_dir / "uv-cache").exists()
    made(env_dir, report)
    assert not (env_dir / "uv-cache").exists()


@pytest.mark.parametrize("failing", ["run_logged", "find_installer", "run_smoke_test", "disk_bytes"])
def test_a_stopped_setup_leaves_no_half_a_version_and_the_old_one_in_use(failing, env_dir, steps, report, monkeypatch):
    old = made(env_dir, report)

    def stop(*words, **options):
        (env_dir / "2").mkdir(exist_ok=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(create, failing, stop)
    with pytest.raises(KeyboardInterrupt):
        made(env_dir, report, force=True)
    assert not (env_dir / "2").exists()
    assert worker_python(env_dir) == old
    assert find_problems(env_dir, PACKAGES) == []


def test_a_first_setup_that_fails_is_marked_as_incomplete(env_dir, steps, report, monkeypatch):
    monkeypatch.setattr(create, "run_logged", lambda command, log: ProcessResult(1, ["Error: no ensurepip", ""]))
    assert problem_of(env_dir, report) == Problem(
        f"The environment {env_dir / '1'} could not be created. Error: no ensurepip",
        "Press Set Up again. If the problem persists, choose another Python or folder.",
    )
    assert read_manifest(env_dir) == Manifest("making", PACKAGES.sha256, "/base/python3.12")
    assert [path.name for path in env_dir.iterdir()] == ["blender_text3d-env.json"]


@pytest.mark.parametrize(
    ("state", "has_python", "folder", "left"),
    [("ready", True, "5", ["5"]), ("ready", False, "5", []), ("making", True, "5", []), ("removing", True, "5", [])],
)
def test_only_a_version_that_can_be_used_is_kept_while_another_is_created(
    state, has_python, folder, left, env_dir, steps, report, monkeypatch
):
    for name in (folder, "6"):
        python = venv_python(env_dir / name)
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable if has_python else "/gone")
    write_manifest(env_dir, Manifest(state, "other", sys.executable, folder))
    seen = []

    def stop(*_):
        seen.extend(path.name for path in env_dir.iterdir() if path.is_dir())
        raise KeyboardInterrupt

    monkeypatch.setattr(create, "run_smoke_test", stop)
    with pytest.raises(KeyboardInterrupt):
        made(env_dir, report)
    assert sorted(seen) == sorted([*left, "1"])
    assert read_manifest(env_dir).state == ("ready" if left else "making")


def test_an_environment_of_the_first_versions_is_kept_until_the_new_one_is_ready(env_dir, steps, report, monkeypatch):
    python = venv_python(env_dir)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    write_manifest(env_dir, Manifest("ready", "other", sys.executable))
    seen = []
    real = create.run_smoke_test
    monkeypatch.setattr(create, "run_smoke_test", lambda *words: seen.append(python.exists()) or real(*words))
    assert made(env_dir, report) == venv_python(env_dir / "1")
    assert seen == [True]
    assert not python.exists()


def test_the_log_is_that_of_the_last_setup_alone(env_dir, steps, report):
    log_path(env_dir).write_text("old")
    made(env_dir, report)
    assert not log_path(env_dir).exists()
    log_path(env_dir).mkdir()  # cannot be replaced, which is ignored
    made(env_dir, report, force=True)


def test_a_folder_of_others_is_refused_before_anything_else(env_dir, steps, report):
    env_dir.mkdir()
    (env_dir / "thesis.txt").touch()
    assert "contains other files" in problem_of(env_dir, report).message
    assert steps == []


@pytest.mark.parametrize(("needed_gb", "checked_gb"), [(1.0, 2.0), (3.0, 3.0)])
def test_packages_with_hashes_need_the_space_of_the_build_and_a_mac_that_has_it(
    needed_gb, checked_gb, env_dir, steps, report, monkeypatch, tmp_path
):
    for name in ("worker", "torch_default"):
        (tmp_path / f"{name}.txt").touch()
    packages = Packages(("torch==2",), (), needed_gb, ("3.12",), hashed=tmp_path)
    monkeypatch.setattr(create, "require_macos", lambda build: steps.append(("mac", build)))
    monkeypatch.setattr(create, "expected_gb", lambda build: 2.0)
    create_environment(env_dir, report, packages=packages)
    assert steps[:2] == [("mac", "cpu"), ("space", tmp_path, checked_gb)]
    assert ("plan", PackageSource("cpu", is_custom=True)) in steps


@pytest.fixture
def kit() -> Kit:
    return Kit(Path("/kit"), "3.11", system_name(), "2.1+cu130", PACKAGES.sha256, ())


def test_a_kit_is_the_only_source_and_decides_the_python(env_dir, kit, steps, report):
    made(env_dir, report, kit=kit, python="/p", torch="cpu")
    assert ("find", ("3.11",), "/p") in steps
    assert ("installer", env_dir, venv_python(env_dir / "1"), True) in steps
    assert ("plan", PackageSource("cpu", "", False, "/kit/wheels", "2.1+cu130")) in steps
    result = read_test_result(env_dir / "1" / FILE_NAME)
    assert (result.requested_build, result.build, result.requested_python) == ("", "", "")
    assert (result.tool, result.disk_bytes, result.notes) == ("uv 9.9", 7, ("A note.",))


def test_a_kit_that_does_not_fit_is_refused_before_anything_is_created(env_dir, kit, steps, report):
    other = Kit(kit.folder, kit.python, "plan9-mips", kit.torch, kit.requirements_sha256, ())
    assert "is for plan9-mips" in problem_of(env_dir, report, kit=other).message
    assert steps == []


def test_a_kit_without_its_python_says_which_one_to_install(env_dir, kit, steps, report, monkeypatch):
    def find_interpreter(versions, chosen):
        raise SetupFailed("There is none.", "Install one.")

    monkeypatch.setattr(create, "find_interpreter", find_interpreter)
    assert problem_of(env_dir, report, kit=kit) == Problem(
        "The kit in /kit is for Python 3.11. There is none.",
        "Install Python 3.11 with its venv module, or choose one in the preferences (`--python`), or make a kit for "
        "another version with scripts/offline_kit.py make --python.",
    )
    assert problem_of(env_dir, report) == Problem("There is none.", "Install one.")
    assert not env_dir.exists()
