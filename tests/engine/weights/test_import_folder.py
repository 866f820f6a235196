# SPDX-License-Identifier: GPL-3.0-or-later
"""Import checkpoints from a folder, without a network."""

import pytest
import torch

from blender_text3d.engine.weights.catalogue import DIFFUSERS, Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.download import import_folder as import_folder_module
from blender_text3d.engine.weights.download.import_folder import import_folder
from blender_text3d.engine.weights.errors import DownloadFailed
from tests.engine.weights.run_steps import messages, run_steps

NOWHERE = "http://127.0.0.1:9/net.pt"
HUB = "https://hub.example.org/openai/net/resolve/main/prior/diffusion_pytorch_model.bin"


@pytest.fixture
def stick(tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def put(folder, path, body):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(body)


def test_a_file_anywhere_in_the_folder_is_copied_and_verified(stick, checkpoint_at, weights, weights_dir):
    put(stick, "some/cache/net.pt", weights)
    updates, (local,) = run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir))
    assert local.path.read_bytes() == weights
    assert (stick / "some/cache/net.pt").read_bytes() == weights
    assert {"copy", "verify", "ready"} <= {item.stage for item in updates}


def test_of_two_files_with_one_name_the_right_one_is_imported(stick, checkpoint_at, weights, weights_dir):
    put(stick, "a/net.pt", weights[:-1] + b"x")
    put(stick, "b/net.pt", weights)
    updates, (local,) = run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir))
    assert local.path.read_bytes() == weights
    assert "SHA-256" in messages(updates, "refused")[0]


def test_a_file_with_the_hubs_generic_name_is_identified_by_its_tensors(stick, weights, weights_dir, tmp_path):
    torch.save({"other": torch.ones(40_000)}, tmp_path / "other.bin")
    put(stick, "renderer/diffusion_pytorch_model.bin", (tmp_path / "other.bin").read_bytes())
    put(stick, "prior/diffusion_pytorch_model.bin", weights)
    form = CheckpointFile(
        "test/prior.bin", DIFFUSERS, (Address(HUB, "the hub"),), parameter_count=36_000, required_tensors=("a.weight",)
    )
    _, (local,) = run_steps(import_folder(stick, [Checkpoint("test/prior", "", (form,), "", "", "")], weights_dir))
    assert local.path == weights_dir / "test/prior.bin"
    assert local.path.read_bytes() == weights


def test_what_is_here_already_is_skipped(stick, checkpoint_at, weights, weights_dir):
    put(stick, "net.pt", weights)
    checkpoint = checkpoint_at(NOWHERE)
    run_steps(import_folder(stick, [checkpoint], weights_dir))
    assert run_steps(import_folder(stick, [checkpoint], weights_dir)) == ([], [])


def test_a_broken_local_file_is_replaced_by_a_good_one(stick, checkpoint_at, weights, weights_dir):
    put(weights_dir, "test/net.pt", weights[:500])
    put(stick, "net.pt", weights)
    updates, (local,) = run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir))
    assert local.path.read_bytes() == weights
    assert (weights_dir / "test/net.pt.broken").read_bytes() == weights[:500]
    assert "Moved to net.pt.broken" in messages(updates, "notice")[0]


def test_a_folder_without_usable_files_imports_nothing(stick, checkpoint_at, weights_dir):
    put(stick, "net.pt", b"too short")
    updates, imported = run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir))
    assert imported == []
    assert messages(updates, "refused")


def test_a_missing_folder_is_named(checkpoint_at, tmp_path, weights_dir):
    with pytest.raises(DownloadFailed, match="no folder"):
        run_steps(import_folder(tmp_path / "none", [checkpoint_at(NOWHERE)], weights_dir))


def generic(size):
    return CheckpointFile("test/prior.bin", DIFFUSERS, (Address(HUB, "the hub"),), parameter_count=36_000, size=size)


@pytest.mark.parametrize(("name", "is_tried"), [("diffusion_pytorch_model.bin", False), ("prior.bin", True)])
def test_a_smaller_file_with_the_hubs_generic_name_is_another_one(stick, weights, weights_dir, name, is_tried):
    put(stick, name, weights)
    checkpoint = Checkpoint("test/prior", "", (generic(len(weights) + 1),), "", "", "")
    updates, imported = run_steps(import_folder(stick, [checkpoint], weights_dir))
    assert imported == []
    assert bool(messages(updates, "refused")) is is_tried


def test_a_file_of_exactly_the_expected_size_with_the_generic_name_is_imported(stick, weights, weights_dir):
    put(stick, "diffusion_pytorch_model.bin", weights)
    checkpoint = Checkpoint("test/prior", "", (generic(len(weights)),), "", "", "")
    assert len(run_steps(import_folder(stick, [checkpoint], weights_dir))[1]) == 1


def test_files_are_tried_in_the_order_of_the_variants_and_of_their_paths(stick, checkpoint_at, weights, weights_dir):
    for path in ("b/net.pt", "a/net.pt", "c/net.pt"):
        put(stick, path, weights[:-1] + b"x" if path != "c/net.pt" else weights)
    updates, _ = run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir))
    assert messages(updates, "connect") == ["connecting to the folder for net.pt"] * 3
    assert len(messages(updates, "refused")) == 2


def test_a_checkpoint_without_a_good_file_does_not_keep_the_next(stick, checkpoint_at, weights, weights_dir):
    put(stick, "bad.pt", b"bad")
    put(stick, "net.pt", weights)
    bad = Checkpoint("test/bad", "", (CheckpointFile("test/bad.pt", DIFFUSERS, (), 9),), "", "", "")
    none = Checkpoint("test/none", "", (CheckpointFile("test/none.pt", DIFFUSERS, (), 9),), "", "", "")
    _, imported = run_steps(import_folder(stick, [bad, none, checkpoint_at(NOWHERE)], weights_dir))
    assert [local.path.name for local in imported] == ["net.pt"]


def test_a_folder_may_have_as_many_files_as_the_limit(stick, checkpoint_at, weights_dir, monkeypatch):
    monkeypatch.setattr(import_folder_module, "MAX_FILES", 3)
    for number in range(3):
        put(stick, f"folder/{number}.txt", b"")
    assert run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir)) == ([], [])
    put(stick, "one more.txt", b"")
    with pytest.raises(DownloadFailed, match=f"^{stick} contains more than 3 files. Choose a smaller subfolder.$"):
        run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir))


def test_the_default_limit_is_fifty_thousand_files():
    assert import_folder_module.MAX_FILES == 50_000


def test_an_unverified_local_file_is_verified_instead_of_copied(stick, checkpoint_at, weights, weights_dir):
    put(weights_dir, "test/net.pt", weights)
    put(stick, "net.pt", weights)
    updates, (local,) = run_steps(import_folder(stick, [checkpoint_at(NOWHERE)], weights_dir))
    assert local.sha256
    assert "copy" not in {update.stage for update in updates}
