# SPDX-License-Identifier: GPL-3.0-or-later
"""Files without a published hash: the first download is recorded, and a change gives a notice."""

import hashlib

import pytest
import torch

from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.download.fetch import fetch
from blender_text3d.engine.weights.errors import DownloadFailed
from blender_text3d.engine.weights.store.verified_stamp import read_json
from tests.engine.weights.run_steps import messages, run_steps


@pytest.fixture
def other_weights(tensors, tmp_path):
    """The bytes of a file with the same tensors and other values."""
    torch.save({name: tensor + 1 for name, tensor in tensors.items()}, tmp_path / "net.pt")
    return (tmp_path / "net.pt").read_bytes()


def test_the_first_download_records_size_hash_and_source(server, checkpoint_at, weights, weights_dir, quick):
    url = server.put("/net.pt", weights)
    updates, _ = run_steps(fetch(checkpoint_at(url, is_published=False), weights_dir, policy=quick))
    (entry,) = read_json(weights_dir / "first-seen.json").values()
    assert (entry["sha256"], entry["size"]) == (hashlib.sha256(weights).hexdigest(), len(weights))
    assert entry["source"] == url
    assert not messages(updates, "notice")


def test_a_change_since_the_first_download_gives_a_notice(
    server, checkpoint_at, weights, other_weights, weights_dir, quick
):
    checkpoint = checkpoint_at(server.put("/net.pt", weights), is_published=False)
    _, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    local.path.unlink()
    server.put("/net.pt", other_weights)
    updates, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    (notice,) = messages(updates, "notice")
    assert "has changed" in notice
    assert hashlib.sha256(weights).hexdigest() in notice
    assert local.sha256 == hashlib.sha256(other_weights).hexdigest()


def test_the_same_file_again_gives_no_notice(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put("/net.pt", weights), is_published=False)
    _, local = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    local.path.unlink()
    updates, _ = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert not messages(updates, "notice")


def test_a_file_that_differs_from_public_copies_gives_a_notice(server, checkpoint_at, weights, weights_dir, quick):
    checkpoint = checkpoint_at(server.put("/net.pt", weights), is_published=False, copied_sha256="0" * 64)
    updates, _ = run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert "copies on the hub" in messages(updates, "notice")[0]


def test_a_changed_file_with_a_published_hash_is_refused(
    server, checkpoint_at, weights, other_weights, weights_dir, quick
):
    checkpoint = checkpoint_at(server.put("/net.pt", other_weights), body=weights)
    with pytest.raises(DownloadFailed, match="SHA-256"):
        run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert (weights_dir / "test/net.pt.broken").read_bytes() == other_weights


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"tensor_count": 4, "parameter_count": 36_000}, "contains 3 tensors with 36,000 parameters, not 4"),
        ({"parameter_count": 36_001}, "36,001 are needed"),
        ({"required_tensors": ("d.weight",)}, "lacks d.weight"),
        ({"forbidden_tensors": ("a.weight",)}, "contains a.weight"),
    ],
)
def test_a_file_of_another_network_is_named_without_a_hash(
    server, checkpoint_at, weights, weights_dir, quick, facts, text
):
    checkpoint = checkpoint_at(server.put("/net.pt", weights), is_published=False, **facts)
    with pytest.raises(DownloadFailed, match=text):
        run_steps(fetch(checkpoint, weights_dir, policy=quick))


def test_point_e_and_the_hubs_own_files_have_no_published_hash_and_the_other_weights_do():
    published = {form.path for entry in CHECKPOINTS.values() for form in entry.variants if form.sha256}
    assert published == {
        "clip/ViT-L-14.pt", "shap-e/text_cond.pt", "shap-e/image_cond.pt", "shap-e/vector_decoder.pt",
        "shap-e/transmitter.pt",
    }  # fmt: skip
