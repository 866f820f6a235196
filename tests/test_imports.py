# SPDX-License-Identifier: GPL-3.0-or-later
"""The import table: what each folder may import. A folder or an import that is not in it fails here.

Nothing upstream imports anything downstream, and bpy never meets torch in one process.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "blender_text3d"

# folder: (our folders, packages from outside)
TABLE = {
    "system": (set(), set()),
    "geometry": ({"system"}, {"numpy"}),
    "protocol": ({"system"}, set()),
    "client": ({"protocol", "system"}, set()),
    "environment": ({"protocol", "system"}, set()),
    "doctor": ({"environment", "protocol", "system"}, set()),
    "scene": ({"geometry"}, {"bpy", "mathutils", "numpy"}),
    "addon": ({"client", "doctor", "environment", "geometry", "protocol", "scene", "system"}, {"bpy"}),
    "engine": ({"geometry", "system"}, {"torch", "numpy", "scipy", "skimage", "trimesh", "safetensors", "PIL"}),
    "worker": ({"engine", "geometry", "protocol", "system"}, {"numpy"}),
}
# Files that may import more than their folder.
ALSO = {
    "worker/reporting/export.py": {"trimesh"},
    "worker/reporting/image_files.py": {"PIL"},
}
ALSO_RERUN = {"rerun", "rerun_cli"}
ALSO_OFFICIAL = {"point_e", "shap_e", "clip"}


def allowed_in(file: Path) -> set[str]:
    """Names that one file may import: our folders and outside packages."""
    place = file.relative_to(PACKAGE)
    ours, outside = TABLE[place.parts[0]]
    more = ALSO_RERUN if place.match("worker/rerun/*.py") else ALSO.get(place.as_posix(), set())
    if place.match("engine/reference/*.py"):
        more = ALSO_OFFICIAL
    return {place.parts[0], *ours, *outside, *more, *sys.stdlib_module_names}


def imported_by(file: Path) -> set[str]:
    """The first name of everything a file imports, anywhere in it; for our own, the folder under the package."""
    here = file.relative_to(PACKAGE).parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            start = here[: len(here) + 1 - node.level]
            path = (*start, *(node.module or "").split("."))
            names |= {path[0]} if path[0] else {alias.name for alias in node.names}
    return names


def files() -> list[Path]:
    return [file for file in sorted(PACKAGE.rglob("*.py")) if file.parent != PACKAGE]


@pytest.mark.parametrize("file", files(), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_file_imports_only_what_its_folder_may(file):
    assert imported_by(file) - allowed_in(file) == set()


def test_every_folder_is_in_the_table():
    assert {file.relative_to(PACKAGE).parts[0] for file in files()} == TABLE.keys()


def test_the_package_itself_imports_nothing_when_it_is_loaded():
    body = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body
    assert not [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_what_starts_the_worker_needs_only_the_standard_library_until_a_job_is_claimed():
    code = (
        "import sys, blender_text3d.worker.__main__; "
        "sys.exit(' '.join({'torch', 'numpy', 'trimesh', 'rerun', 'bpy'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert process.stderr.strip() == ""


@pytest.mark.parametrize(
    ("place", "line", "found"),
    [
        ("protocol/events.py", "import numpy as np", "numpy"),
        ("client/session.py", "def f():\n    from ..worker.loop import attend", "worker"),
        ("client/session.py", "from .. import engine", "engine"),
        ("worker/loop.py", "import trimesh.visual", "trimesh"),
        ("worker/rerun/journal.py", "from rerun import log", "rerun"),
        ("engine/shap_e/pipeline.py", "from ...protocol import events", "protocol"),
        ("scene/mesh.py", "from blender_text3d.geometry import Mesh", "blender_text3d"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, monkeypatch, place, line, found):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.write_text(line)
    assert imported_by(file) - allowed_in(file) == {found}
