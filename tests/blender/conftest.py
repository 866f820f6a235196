# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests inside Blender: a separate user folder, an empty file, geometry to import.

These tests need the bpy module; in the worker's environment, which never has it, they are not collected.
"""

import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

os.environ["BLENDER_USER_RESOURCES"] = tempfile.mkdtemp(prefix="text3d-blender-")
HAS_BPY = importlib.util.find_spec("bpy") is not None
REAL_WORKER_PYTHON = os.environ.get("TEXT3D_WORKER_PYTHON", "")
collect_ignore_glob = [] if HAS_BPY else ["test_*.py"]
if not REAL_WORKER_PYTHON:
    collect_ignore_glob += ["test_addon_real_worker.py", "test_docs_commands.py", "test_*_everywhere.py"]


def pytest_report_header() -> str:
    if not HAS_BPY:
        return "tests/blender: NOT collected, this Python has no bpy module"
    import bpy

    real = REAL_WORKER_PYTHON or "tests with the real worker NOT collected, TEXT3D_WORKER_PYTHON is not set"
    return f"Blender {bpy.app.version_string} as the bpy module; worker: {real}"


@pytest.fixture
def scene():
    """The scene of an empty file."""
    import bpy

    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    return bpy.context.scene


def sphere_arrays(rings: int = 16, segments: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """Return vertices (V, 3) float32 of an ellipsoid without poles, half axes 0.5, 0.3, 0.7, and faces (F, 3) int32."""
    azimuth, polar = np.meshgrid(
        np.linspace(0, 2 * np.pi, segments, endpoint=False), np.linspace(0.2, np.pi - 0.2, rings), indexing="ij"
    )
    sphere = np.stack([np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)], -1).reshape(
        -1, 3
    )
    indices = np.arange(segments * rings).reshape(segments, rings)
    near, far = indices, np.roll(indices, -1, axis=0)
    first = np.stack([near[:, :-1], near[:, 1:], far[:, 1:]], -1).reshape(-1, 3)
    second = np.stack([near[:, :-1], far[:, 1:], far[:, :-1]], -1).reshape(-1, 3)
    vertices = sphere * (0.5, 0.3, 0.7) + (0.2, 0.1, 0.05)
    return vertices.astype(np.float32), np.concatenate([first, second]).astype(np.int32)


@pytest.fixture
def mesh():
    """A colored ellipsoid in model space with a different color at every vertex."""
    from blender_text3d.geometry import Mesh

    vertices, faces = sphere_arrays()
    colors = np.random.default_rng(1).random(vertices.shape, dtype=np.float32)
    return Mesh(vertices=vertices, faces=faces, colors=colors)


@pytest.fixture
def cloud(mesh):
    """The ellipsoid's vertices as a cloud."""
    from blender_text3d.geometry import PointCloud

    return PointCloud(points=mesh.vertices, colors=mesh.colors)


@pytest.fixture
def addon(scene, tmp_path, monkeypatch):
    """The registered add-on with a separate data folder and the scripted worker."""
    import blender_text3d

    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", str(scripted_python(tmp_path)))
    count_reads(tmp_path / "reads", monkeypatch)
    blender_text3d.register()
    yield scene.text3d
    from blender_text3d.addon.state.session_state import state

    if state.session:
        state.session.worker.kill()
    blender_text3d.unregister()


@pytest.fixture(scope="module")
def with_real_worker(tmp_path_factory):
    """The data folder of the registered add-on with the real worker, shared by the tests of a file."""
    import blender_text3d

    with pytest.MonkeyPatch.context() as patch:
        data = tmp_path_factory.mktemp("real") / "data"
        patch.setenv("BLENDER_TEXT3D_HOME", str(data))
        patch.setenv("TEXT3D_WORKER_PYTHON", REAL_WORKER_PYTHON)
        blender_text3d.register()
        yield data
        blender_text3d.unregister()


@pytest.fixture
def real_data(with_real_worker, scene):
    """An empty file and the data folder of the add-on with the real worker, whose messages were read."""
    from blender_text3d.addon.state.session_state import state

    state.problem = None
    state.notices.clear()
    return with_real_worker


def count_reads(file: Path, monkeypatch) -> None:
    """Append a byte to a file whenever Blender reads events of jobs; slow steps of the scripted worker wait for it."""
    from blender_text3d.addon.jobs import poll_timer

    def counted(read=poll_timer.poll_events):
        with file.open("ab") as reads:
            reads.write(b".")
        read()

    monkeypatch.setattr(poll_timer, "poll_events", counted)
    monkeypatch.setenv("TEXT3D_TEST_READS", str(file))


def scripted_python(folder: Path) -> Path:
    """Write a program that stands in for a Python and runs the scripted worker, whatever its arguments."""
    program = folder / "python"
    script = Path(__file__).with_name("scripted_worker.py")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def drive(addon):
    """A function that ticks like the timer of Blender's window until a condition holds."""
    from blender_text3d.addon.jobs import poll_timer

    def drive(until, within_s: float = 600.0) -> None:
        deadline = time.monotonic() + within_s
        while not until():
            assert time.monotonic() < deadline, "timed out"
            poll_timer.on_timer()
            time.sleep(0.02)

    return drive


@pytest.fixture
def start_job(addon, scene):
    """A function that starts jobs like Generate in a window, and returns them."""
    from blender_text3d.addon.jobs import submit

    def start_job(prompt: str = "a red chair", **choices):
        addon.prompt = prompt
        for name, value in choices.items():
            setattr(addon, name, value)
        return submit.generate(scene)

    return start_job


@pytest.fixture
def link_all(tmp_path):
    """A function that saves a copy of the file and returns its objects, linked into this file."""
    import bpy

    def link_all():
        path = str(tmp_path / "library.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)
        with bpy.data.libraries.load(path, link=True) as (there, here):
            here.objects = there.objects
        return here.objects

    return link_all
