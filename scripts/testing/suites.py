# SPDX-License-Identifier: GPL-3.0-or-later
"""The test suites: which Python each needs and how it is run."""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from blender_text3d.environment.paths import worker_python
from scripts.testing.environments import BLENDERS, REPOSITORY, WORKER_NAME
from scripts.testing.results import Outcome, pytest_outcome
from scripts.testing.run_pytest import run_until_silent

REAL_BLENDER = "TEXT3D_REAL_BLENDER"
REFERENCE_PYTHON = "TEXT3D_REFERENCE_PYTHON"
TRAIN = "TEXT3D_TRAIN"
*_, NEWEST = BLENDERS
NOT_PLAIN = ("tests/blender", "tests/extension", "tests/window", "tests/reference")
# Tests that start programs and install packages: half of the plain ones' time.
PROGRAMS = ("tests/environment", "tests/fault_injection", "tests/scripts", "tests/security", "tests/test_docs.py")
# Trains all models at toy sizes several times, half an hour of processor time.
TRAINING = "tests/scripts/training/test_train_all.py"
ENGINE = ("tests/engine",)
# What depends on Blender's own data, operators, events and files, and on the names of its API: all that is tested in
# Blenders before the newest. The rest is the add-on's own logic, the processes that it starts, and what it draws.
# A test finds every switch by a version or a feature of Blender in the package, and asks for its tests here.
DEPENDS_ON_BLENDER = (
    "tests/blender/scene",
    *(
        f"tests/blender/addon/{name}.py"
        for name in (
            "jobs/test_free_location",  # bounding boxes
            "jobs/test_image_icons",
            "jobs/test_previews",  # clouds and meshes of a running job
            "test_api_names",  # icons, operators, types: of the whole add-on
            "test_assets",  # libraries, catalogs, previews
            "test_button_operators",  # a button that not every Blender has
            "test_changed_while_running",  # removed data, undo, modes, opened files
            "test_compatibility",  # .blend files and preferences of earlier versions
            "test_drop_images",  # file handlers
            "test_encode_rendered",  # a background Blender renders materials
            "test_export",  # paths relative to a .blend file
            "test_export_by_blender",  # Blender's exporters
            "test_faces",  # modifiers
            "test_generate",  # one job from the panel to the scene
            "test_handlers",
            "test_hostile_files",  # drivers, scripts and stored properties of .blend files
            "test_image_sources",  # renders, image data-blocks, clipboard
            "test_images",  # icons of images
            "test_menus",  # the menus to append to
            "test_mesh_tools",  # layers, shared and linked meshes
            "test_overlap",
            "test_parts",
            "test_presets",
            "test_registration",  # RNA classes, and every panel drawn once
            "test_selection",
            "test_solid_view",
            "test_status_line",  # points of a cloud
            "test_surface",  # materials and their nodes
            "test_turntable",  # names of render engines, a background Blender
            "test_undo",
            "test_versions",  # objects, collections, custom properties
        )
    ),
)
ALL = ("tests/blender",)
# Reloads and upgrades while a job runs are tested in the oldest and the newest Blender.
LIFE_OF_THE_ZIP = ("tests/extension/test_installed_zip.py",)
LINTERS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))


@dataclass(frozen=True)
class Suite:
    """One run of pytest.

    Attributes:
        name: Name on the command line of scripts/test.py.
        environment: Name of the environment whose Python runs it.
        arguments: Arguments of pytest.
        variables: Environment variables that its tests read.
    """

    name: str
    environment: str
    arguments: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)


def all_suites(extension_zip: Path, *, all_in_each_blender: bool = False) -> list[Suite]:
    """Return every suite, the longest first, so that those that run at once end together.

    Args:
        extension_zip: Extension that the tests of the installed one install.
        all_in_each_blender: Run all tests inside each Blender, and not in the newest alone.
    """
    programs = Suite("plain-programs", WORKER_NAME, (*PROGRAMS, f"--ignore={TRAINING}"))
    engine = Suite("plain-engine", WORKER_NAME, ENGINE)
    ignored = (f"--ignore={path}" for path in NOT_PLAIN + PROGRAMS + ENGINE)
    others = Suite("plain-others", WORKER_NAME, ("tests", *ignored))
    tests = {version: ALL if all_in_each_blender or version == NEWEST else DEPENDS_ON_BLENDER for version in BLENDERS}
    newest, *earlier = (Suite(f"blender-{v}", f"bpy-{v}", tests[v]) for v in reversed(BLENDERS))
    zipped = {"TEXT3D_ZIP": str(extension_zip)}
    between = ("tests/extension",) if all_in_each_blender else LIFE_OF_THE_ZIP
    of_zip = {"4.2": ("tests/extension",), "5.0": between, "5.2": ("tests/extension",)}
    installed = [Suite(f"extension-{v}", f"bpy-{v}", paths, zipped) for v, paths in of_zip.items()]
    window = Suite("window", WORKER_NAME, ("tests/window",), zipped)
    reference = Suite("reference", WORKER_NAME, ("tests/reference",))
    training = Suite("training", WORKER_NAME, (TRAINING,))
    return [programs, newest, others, engine, *earlier, *installed, window, reference, training]


def run_lint(python: Path) -> Outcome:
    """Run ruff and mypy over the repository; each check counts as one test."""
    start = time.monotonic()
    exit_codes = [subprocess.run([python, "-m", *linter], cwd=REPOSITORY).returncode for linter in LINTERS]
    failed = sum(map(bool, exit_codes))
    return Outcome("lint", passed=len(LINTERS) - failed, failed=failed, seconds=time.monotonic() - start)


def run_suite(suite: Suite, envs_dir: Path, python_of: Callable[[str], Path]) -> Outcome:
    """Run one suite in its environment, print pytest's output when it has ended, and count."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="text3d-test-") as scratch:
        report, log = Path(scratch) / "report.xml", Path(scratch) / "pytest.log"
        command = [str(python_of(suite.environment)), "-m", "pytest", *suite.arguments, "--durations=8"]
        variables = _variables(suite, envs_dir, scratch)
        exit_code = run_until_silent([*command, f"--junitxml={report}"], log, cwd=REPOSITORY, env=variables)
        print(f"\n===== {suite.name} =====\n{log.read_text(encoding='utf-8', errors='replace')}", flush=True)
        return pytest_outcome(
            suite.name,
            report,
            exit_code,
            may_crash_at_exit=suite.environment == "bpy-4.2",
            seconds=time.monotonic() - start,
        )


def _variables(suite: Suite, envs_dir: Path, scratch: str) -> dict[str, str]:
    """Return environment variables that hide the user's jobs, environment and Blender preferences from the tests."""
    own = {
        "BLENDER_TEXT3D_HOME": f"{scratch}/home",
        "BLENDER_USER_RESOURCES": f"{scratch}/blender",
        "TEXT3D_WORKER_PYTHON": str(worker_python(envs_dir / WORKER_NAME)),
        "PYTHONDONTWRITEBYTECODE": "",  # else each of thousands of processes compiles the package again
        "OMP_NUM_THREADS": "1",  # several suites run at once, and PyTorch's threads stall each other on few cores
    }
    return os.environ | suite.variables | own
