# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights, environments and notes of version 0.1.0 are recognized, so that nothing is downloaded again."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from blender_text3d.addon.state.time_history import Duration, read_durations, save_duration
from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.download.partial_file import PartialFile
from blender_text3d.engine.weights.remove import received_bytes
from blender_text3d.engine.weights.store.first_seen import changed_since_first_seen
from blender_text3d.engine.weights.store.local_files import find_local
from blender_text3d.engine.weights.store.verified_stamp import stamp_path, write_stamp
from blender_text3d.environment.check import find_problems
from blender_text3d.environment.manifest import read_manifest, write_manifest
from blender_text3d.environment.paths import log_path, worker_env_dir, worker_python
from blender_text3d.environment.smoke_test_result import FILE_NAME as STAMP_NAME
from blender_text3d.environment.smoke_test_result import override_result_path, read_test_result
from blender_text3d.environment.smoke_test_result import write_test_result as write_smoke_test
from blender_text3d.system.user_folders import data_dir as current_data_dir
from tests.compatibility.stored_data import DATA, add_python, copy_data_folder

VERIFIED = {"point-e/base40M-textvec", "point-e/upsample", "point-e/sdf", "shap-e/text300M"}
UNVERIFIED = {"shap-e/decoder"}
ENVIRONMENTS = ("flat-of-first-versions", "for-another-version", "making", "removing")


@pytest.fixture
def data_dir(tmp_path) -> Path:
    return copy_data_folder(tmp_path / "data")


@pytest.fixture
def weights_dir(data_dir) -> Path:
    return data_dir / "weights"


def values_in(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_verified_weights_are_trusted_without_reading_them_again(weights_dir):
    held = {name: found for name in CHECKPOINTS if (found := find_local(CHECKPOINTS[name], weights_dir))}
    assert {name for name, found in held.items() if found.sha256} == VERIFIED
    assert held.keys() == VERIFIED | UNVERIFIED
    for name in VERIFIED:
        assert held[name].sha256 == values_in(stamp_path(held[name].path))["sha256"]


def test_weights_that_changed_since_are_not_trusted(weights_dir):
    path = find_local(CHECKPOINTS["point-e/sdf"], weights_dir).path
    path.write_bytes(path.read_bytes())
    assert not find_local(CHECKPOINTS["point-e/sdf"], weights_dir).sha256


def test_a_stamp_is_written_as_it_was(weights_dir):
    path = find_local(CHECKPOINTS["point-e/sdf"], weights_dir).path
    old = values_in(stamp_path(path))
    write_stamp(path, old["sha256"], old["source"])
    assert values_in(stamp_path(path)) == old


def test_hashes_that_were_recorded_first_still_count(weights_dir):
    form = CHECKPOINTS["point-e/upsample"].variants[0]
    recorded = values_in(weights_dir / "first-seen.json")
    first = recorded[form.path]
    assert changed_since_first_seen(form, weights_dir, first["sha256"], first["size"], "") is None
    assert first["sha256"] in changed_since_first_seen(form, weights_dir, "0" * 64, 1, "another source")
    assert values_in(weights_dir / "first-seen.json") == recorded


def test_a_download_that_was_interrupted_continues(weights_dir):
    checkpoint = CHECKPOINTS["clip/ViT-L-14"]
    partial = PartialFile(weights_dir / checkpoint.variants[0].path)
    origin = values_in(weights_dir / "clip/ViT-L-14.pt.part.json")
    assert received_bytes(checkpoint, weights_dir) == partial.size() == len(b"the first bytes")
    assert (partial.total, partial.validator_for(origin["url"])) == (origin["total"], origin["validator"])
    assert find_local(checkpoint, weights_dir) is None


def test_the_environment_in_use_stays_ready(data_dir):
    env_dir = data_dir / "worker-env"
    python = add_python(env_dir / "1")
    assert worker_python(env_dir) == python
    assert find_problems(env_dir) == []


def test_an_environment_without_its_python_is_repaired(data_dir):
    (problem,) = find_problems(data_dir / "worker-env")
    assert "/usr/bin/python3.11" in problem.message


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_other_environments_are_recognized_as_ours(name):
    env_dir = DATA / "environments" / name / "worker-env"
    manifest = read_manifest(env_dir)
    assert asdict(manifest).items() >= values_in(env_dir / "blender_text3d-env.json").items()
    assert len(find_problems(env_dir)) == 1


def test_an_environment_of_the_first_layout_is_ready_where_it_has_its_python(tmp_path):
    env_dir = tmp_path / "worker-env"
    env_dir.mkdir()
    old = DATA / "environments/flat-of-first-versions/worker-env/blender_text3d-env.json"
    (env_dir / old.name).write_bytes(old.read_bytes())
    assert worker_python(env_dir) == add_python(env_dir)
    assert find_problems(env_dir) == []


def test_a_manifest_is_written_as_it_was(data_dir):
    path = data_dir / "worker-env/blender_text3d-env.json"
    old = values_in(path)
    write_manifest(path.parent, read_manifest(path.parent))
    assert values_in(path).items() >= old.items()


def test_smoke_test_results_are_read_and_written_without_loss(data_dir):
    for path in (data_dir / "worker-env/1" / STAMP_NAME, override_result_path(data_dir)):
        old = values_in(path)
        result = read_test_result(path)
        assert (result.python, result.torch, result.device) == (old["python"], old["torch"], old["device"])
        write_smoke_test(path, result)
        assert values_in(path).items() >= old.items()


def test_the_log_of_the_environment_keeps_its_name(data_dir):
    assert log_path(data_dir / "worker-env").is_file()


def test_durations_are_read_and_kept(data_dir):
    old = values_in(data_dir / "times.json")
    assert [took.seconds for took in read_durations(data_dir)] == [values["seconds"] for values in old]
    save_duration(data_dir, Duration("mini/shap-e", "cpu", "CPU", "draft", 1, 8, "mesh", 1.0))
    assert [
        values.items() <= new.items() for values, new in zip(old, values_in(data_dir / "times.json")[1:], strict=True)
    ]


def test_the_note_of_a_moved_data_folder_is_followed(tmp_path, monkeypatch):
    monkeypatch.delenv("BLENDER_TEXT3D_HOME", raising=False)
    for name in ("HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    text = (DATA / "moved/data-folder.txt").read_text(encoding="utf-8")
    default = current_data_dir()
    default.mkdir(parents=True)
    (default / "data-folder.txt").write_text(text.replace("/home/artist", str(tmp_path)), encoding="utf-8")
    assert current_data_dir() == worker_env_dir().parent == tmp_path / "Big Disk/text3d"
