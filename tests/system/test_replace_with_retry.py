# SPDX-License-Identifier: GPL-3.0-or-later
"""Renaming files that another process has open, which Windows refuses for a moment."""

import os
from types import SimpleNamespace

import numpy as np
import pytest

from blender_text3d.engine.weights.download.partial_file import PartialFile
from blender_text3d.engine.weights.store.verified_stamp import quarantine, read_json, write_json
from blender_text3d.environment.manifest import Manifest, read_manifest, write_manifest
from blender_text3d.environment.smoke_test_result import SmokeTestResult, read_test_result, write_test_result
from blender_text3d.geometry import PointCloud, load_geometry, save_geometry
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.request import make_requests
from blender_text3d.system import files
from blender_text3d.system.files import replace_with_retry
from blender_text3d.worker.package_copy import ensure_copy

CLOUD = PointCloud(points=np.zeros((4, 3), np.float32), colors=np.zeros((4, 3), np.float32))


def refusing(move, times: int):
    """Return os.replace or os.rename as on Windows while a virus scanner has the file open: the first calls fail."""
    calls = []

    def refuse(source, target):
        calls.append(source)
        if len(calls) <= times:
            raise PermissionError(13, "Access is denied", str(target))
        return move(source, target)

    return refuse


@pytest.fixture
def held_open(monkeypatch):
    monkeypatch.setattr(files, "sys", SimpleNamespace(platform="win32"))
    for name in ("replace", "rename"):
        monkeypatch.setattr(os, name, refusing(getattr(os, name), times=3))
    monkeypatch.setattr(files.replace_with_retry, "__defaults__", (os.replace,))


def saved_cloud(folder):
    save_geometry(folder / "cloud.npz", CLOUD)
    return len(load_geometry(folder / "cloud.npz").points) == 4


def written_manifest(folder):
    write_manifest(folder, Manifest("ready", "abc", "python"))
    return read_manifest(folder).state == "ready"


def written_test_result(folder):
    write_test_result(folder / "stamp.json", SmokeTestResult("3.11.7", "python"))
    return read_test_result(folder / "stamp.json").python == "3.11.7"


def downloaded_weights(folder):
    part = PartialFile(folder / "weights.bin")
    part.path.write_bytes(b"weights")
    part.commit(folder / "weights.bin")
    write_json(folder / "weights.bin.json", {"size": 7})
    return quarantine(folder / "weights.bin").read_bytes() == b"weights" and read_json(folder / "weights.bin.json")


def created_job(folder):
    return create_job(folder / "jobs", make_requests("a red chair")[0]).request.is_file()


def copied_package(folder):
    (folder / "package").mkdir()
    (folder / "package" / "__init__.py").write_text("")
    return (ensure_copy(folder / "package", folder / "copies") / "package" / "__init__.py").is_file()


@pytest.mark.parametrize(
    "write", [saved_cloud, written_manifest, written_test_result, downloaded_weights, created_job, copied_package]
)
def test_on_windows_a_file_that_is_open_elsewhere_is_replaced_when_it_is_closed(held_open, tmp_path, write):
    assert write(tmp_path)


def test_a_file_that_stays_open_raises_after_the_retries(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(files, "RETRY_FOR_S", 0.1)
    move = refusing(os.replace, times=1000)
    with pytest.raises(PermissionError):
        replace_with_retry(tmp_path / "a", tmp_path / "b", move)


def test_on_other_systems_a_refusal_raises_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "sys", SimpleNamespace(platform="linux"))
    (tmp_path / "a").write_text("")
    with pytest.raises(PermissionError):
        replace_with_retry(tmp_path / "a", tmp_path / "b", refusing(os.replace, times=1))


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping advances; `sleeps` are the seconds of each."""
    clock = SimpleNamespace(now=50.0, sleeps=[])

    def sleep(seconds):
        clock.sleeps.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(files, "time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    return clock


def test_on_windows_a_rename_is_tried_every_20_milliseconds_for_two_seconds(tmp_path, monkeypatch, clock):
    monkeypatch.setattr(files, "sys", SimpleNamespace(platform="win32"))
    with pytest.raises(PermissionError):
        replace_with_retry(tmp_path / "a", tmp_path / "b", refusing(os.replace, times=1000))
    assert set(clock.sleeps) == {0.02}
    assert clock.now == pytest.approx(52.0, abs=0.03)


def test_on_other_systems_a_rename_is_not_retried_after_a_pause(tmp_path, monkeypatch, clock):
    monkeypatch.setattr(files, "sys", SimpleNamespace(platform="darwin"))
    with pytest.raises(PermissionError):
        replace_with_retry(tmp_path / "a", tmp_path / "b", refusing(os.replace, times=1))
    assert clock.sleeps == []


def test_on_windows_only_a_refusal_is_retried(tmp_path, monkeypatch, clock):
    monkeypatch.setattr(files, "sys", SimpleNamespace(platform="win32"))
    with pytest.raises(FileNotFoundError):
        replace_with_retry(tmp_path / "missing", tmp_path / "b")
    assert clock.sleeps == []
