# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of allowed imports, and no import cycles. A folder or an import that is not in the table fails here.

No room imports from a room above it, and bpy and torch are never imported in one process.
"""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "blender_text3d"

Graph = dict[tuple[str, ...], set[tuple[str, ...]]]

# folder: (folders of the package, external packages)
TABLE = {
    "system": (set(), set()),
    "prompts": (set(), set()),
    "geometry": ({"system"}, {"numpy"}),
    "protocol": ({"system"}, set()),
    "client": ({"protocol", "system"}, set()),
    "exports": ({"geometry", "protocol", "system"}, {"numpy"}),
    "environment": ({"protocol", "system"}, set()),
    "doctor": ({"environment", "protocol", "system"}, set()),
    "remote": ({"client", "protocol", "system"}, set()),
    "scene": ({"geometry"}, {"blf", "bmesh", "bpy", "bpy_extras", "gpu", "gpu_extras", "mathutils", "numpy"}),
    "addon": (
        {"client", "doctor", "environment", "exports", "geometry", "prompts", "protocol", "remote", "scene", "system"},
        {"bl_operators", "bl_ui", "bpy"},
    ),
    "engine": (
        {"geometry", "prompts", "system"},
        {"torch", "numpy", "scipy", "skimage", "trimesh", "fast_simplification", "safetensors", "PIL"},
    ),
    "worker": ({"engine", "geometry", "protocol", "system"}, {"numpy", "psutil"}),
    "batch": (
        {"client", "engine", "exports", "geometry", "prompts", "protocol", "system"},
        {"numpy", "PIL", "psutil", "pyarrow"},
    ),
}
# Files that may import more than their folder.
EXTRA_IMPORTS = {
    "worker/reporting/image_files.py": {"PIL"},
    "batch/maker_template.py": {"worker", "torch"},
}
RERUN_IMPORTS = {"rerun", "rerun_cli"}
OFFICIAL_IMPORTS = {"point_e", "shap_e", "clip"}
DIFFUSERS_IMPORTS = {"diffusers", "transformers"}


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def allowed_in(file: Path) -> set[str]:
    """Return the names that one file may import: folders of the package and external packages."""
    path = file.relative_to(PACKAGE)
    folders, external = TABLE[path.parts[0]]
    extra = RERUN_IMPORTS if path.match("worker/rerun/*.py") else EXTRA_IMPORTS.get(path.as_posix(), set())
    if path.match("engine/three_step/diffusers_*.py"):
        extra = DIFFUSERS_IMPORTS
    if path.match("batch/cluster/*.py"):
        extra = {"ray", "rerun"}
    if path.match("engine/reference/*.py"):
        extra = OFFICIAL_IMPORTS
    return {path.parts[0], *folders, *external, *extra, *sys.stdlib_module_names}


def imported_by(file: Path) -> set[str]:
    """Return the first name of every import anywhere in a file; for the package's own modules, the folder."""
    folder = file.relative_to(PACKAGE).parts[:-1]
    names = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            start = folder[: len(folder) + 1 - node.level]
            path = (*start, *(node.module or "").split("."))
            names |= {path[0]} if path[0] else {alias.name for alias in node.names}
    return names


def files() -> list[Path]:
    return [file for file in sorted(PACKAGE.rglob("*.py")) if file.parent != PACKAGE]


def import_graph() -> Graph:
    """Return each module, such as ("addon", "keymap"), with all it imports, lazy and TYPE_CHECKING imports included."""
    modules = {file.relative_to(PACKAGE).with_suffix("").parts: file for file in sorted(PACKAGE.rglob("*.py"))}
    return {module: imported_modules(module, file, set(modules)) for module, file in modules.items()}


def imported_modules(module: tuple[str, ...], file: Path, modules: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    found = set()
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.ImportFrom) and node.level:
            target = (*module[: len(module) - node.level], *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                candidates = ((*target, alias.name), (*target, alias.name, "__init__"), target, (*target, "__init__"))
                found |= set(next(([one] for one in candidates if one in modules), []))
    return found - {module}


def folder_graph(modules: Graph, depth: int) -> Graph:
    """Return each folder `depth` levels down with the folders of the same parent that it imports."""
    folders: Graph = {}
    for module, targets in modules.items():
        for target in targets:
            source_folder, target_folder = module[:-1][:depth], target[:-1][:depth]
            are_siblings = (
                len(source_folder) == len(target_folder) == depth and source_folder[:-1] == target_folder[:-1]
            )
            if are_siblings and source_folder != target_folder:
                folders.setdefault(source_folder, set()).add(target_folder)
    return folders


def cycles(graph: Graph) -> list[str]:
    """Return each group of nodes that reach each other, sorted and joined by commas."""
    reachable = {node: reach(graph, node) for node in graph}
    groups = {frozenset(other for other in reachable[node] if node in reachable.get(other, ())) for node in graph}
    return sorted(", ".join(sorted(map("/".join, group))) for group in groups if group)


def reach(graph: Graph, start: tuple[str, ...]) -> set[tuple[str, ...]]:
    seen: set[tuple[str, ...]] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


def test_no_module_imports_itself_through_others():
    assert cycles(import_graph()) == []


@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_no_folder_imports_itself_through_others(depth):
    assert cycles(folder_graph(import_graph(), depth)) == []


def test_imports_of_other_folders_have_at_most_two_exceptions():
    assert sum(len(names & TABLE.keys()) for names in EXTRA_IMPORTS.values()) <= 2


@pytest.mark.parametrize("file", files(), ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_file_imports_only_what_its_folder_may(file):
    assert imported_by(file) - allowed_in(file) == set()


def test_every_folder_is_in_the_table():
    assert {file.relative_to(PACKAGE).parts[0] for file in files()} == TABLE.keys()


def test_the_package_itself_imports_nothing_when_it_is_loaded():
    body = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body
    assert not [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]


def test_the_worker_imports_only_the_standard_library_until_a_job_is_claimed():
    code = (
        "import sys, blender_text3d.worker.__main__; "
        "sys.exit(' '.join({'torch', 'numpy', 'trimesh', 'rerun', 'bpy'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True)
    assert process.stderr.strip() == ""


@pytest.mark.parametrize(
    ("path", "line", "found"),
    [
        ("protocol/events.py", "import numpy as np", "numpy"),
        ("client/session.py", "def f():\n    from ..worker.loop import run_offer", "worker"),
        ("client/session.py", "from .. import engine", "engine"),
        ("worker/loop.py", "import trimesh.visual", "trimesh"),
        ("worker/reporting/journal.py", "from rerun import log", "rerun"),
        ("engine/shap_e/pipeline.py", "from ...protocol import events", "protocol"),
        ("scene/mesh.py", "from blender_text3d.geometry import Mesh", "blender_text3d"),
    ],
)
def test_a_planted_violation_is_found(tmp_path, monkeypatch, path, line, found):
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(line)
    assert imported_by(file) - allowed_in(file) == {found}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("from .second import VALUE", "from .first import VALUE"),
        ("from . import second", "def f():\n    from .first import VALUE"),
        (
            "from ..jobs import second",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .first import VALUE",
        ),
    ],
    ids=["top", "lazy", "annotation"],
)
def test_a_planted_cycle_of_modules_is_found(tmp_path, monkeypatch, first, second):
    plant(tmp_path, monkeypatch, {"jobs/first.py": first, "jobs/second.py": second})
    assert cycles(import_graph()) == ["jobs/first, jobs/second"]


def test_a_planted_cycle_of_three_modules_is_found_once(tmp_path, monkeypatch):
    lines = {"a.py": "from . import b", "b.py": "from . import c", "c.py": "from . import a", "d.py": "from . import a"}
    plant(tmp_path, monkeypatch, lines)
    assert cycles(import_graph()) == ["a, b, c"]


def test_a_planted_cycle_of_folders_is_found(tmp_path, monkeypatch):
    lines = {
        "addon/jobs/submit.py": "from ..state.problem import Problem",
        "addon/jobs/scan.py": "",
        "addon/state/problem.py": "",
        "addon/state/session.py": "from ..jobs import scan",
    }
    plant(tmp_path, monkeypatch, lines)
    assert cycles(import_graph()) == []
    assert cycles(folder_graph(import_graph(), 2)) == ["addon/jobs, addon/state"]


def plant(folder: Path, monkeypatch, lines: dict[str, str]) -> None:
    """Write a package of these files and make it the one under test."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", folder)
    for name, text in lines.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
