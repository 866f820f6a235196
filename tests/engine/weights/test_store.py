# SPDX-License-Identifier: GPL-3.0-or-later
"""The files in the weights folder: stamps, the choice among variants, verification, quarantine."""

import hashlib
import json
import os
from dataclasses import replace
from types import SimpleNamespace

import pytest
from safetensors.torch import save

from blender_text3d.engine.weights.catalogue import OFFICIAL, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.errors import BrokenWeights, MissingWeights
from blender_text3d.engine.weights.progress import ProgressUpdate
from blender_text3d.engine.weights.store import first_seen, local_files, required, verify
from blender_text3d.engine.weights.store.first_seen import changed_since_first_seen
from blender_text3d.engine.weights.store.local_files import (
    LocalCheckpoint,
    ensure_verified,
    find_local,
    missing,
    quarantine_message,
)
from blender_text3d.engine.weights.store.required import require_checkpoints, require_model
from blender_text3d.engine.weights.store.verified_stamp import (
    Stamp,
    quarantine,
    read_json,
    stamp_path,
    valid_stamp,
    write_json,
    write_stamp,
)
from tests.engine.weights.run_steps import messages, run_steps


@pytest.fixture(scope="session")
def content(tensors):
    return save(tensors)


def file_of(path="test/net.safetensors", **facts):
    return CheckpointFile(path, OFFICIAL, (), **{"parameter_count": 36_000} | facts)


def checkpoint_of(*files, name="test/net"):
    return Checkpoint(name, "", files, "", "", "")


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# --- stamps


def test_a_stamp_has_the_facts_of_the_file_and_is_next_to_it(tmp_path):
    path = put(tmp_path / "net.pt", b"weights")
    os.utime(path, ns=(5, 1_700_000_000_123_456_789))
    written = write_stamp(path, "abc", "the source")
    assert written == valid_stamp(path) == Stamp(7, path.stat().st_mtime_ns, "abc", "the source")
    assert json.loads((tmp_path / "net.pt.stamp.json").read_text()) == {
        "size": 7, "mtime_ns": path.stat().st_mtime_ns, "sha256": "abc", "source": "the source",
    }  # fmt: skip
    assert sorted(os.listdir(tmp_path)) == ["net.pt", "net.pt.stamp.json"]


def test_a_stamp_is_valid_while_size_and_time_stay_the_same(tmp_path):
    path = put(tmp_path / "net.pt", b"weights")
    time_ns = write_stamp(path, "abc", "").mtime_ns
    path.write_bytes(b"weights!")
    os.utime(path, ns=(time_ns, time_ns))
    assert valid_stamp(path) is None
    path.write_bytes(b"WEIGHTS")
    os.utime(path, ns=(time_ns, time_ns))
    assert valid_stamp(path)
    os.utime(path, ns=(time_ns, time_ns + 1_000_000_000))
    assert valid_stamp(path) is None


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"size": 7}', '{"size": 7, "more": 1}', "\xff"])
def test_an_unreadable_stamp_counts_as_none(tmp_path, text):
    path = put(tmp_path / "net.pt", b"weights")
    if text is not None:
        stamp_path(path).write_text(text, encoding="latin-1")
    assert valid_stamp(path) is None


def test_a_stamp_without_its_file_is_not_valid(tmp_path):
    path = put(tmp_path / "net.pt", b"weights")
    write_stamp(path, "abc", "")
    path.unlink()
    assert valid_stamp(path) is None


def test_a_quarantined_file_is_renamed_and_loses_its_stamp(tmp_path):
    path = put(tmp_path / "net.pt", b"new")
    put(tmp_path / "net.pt.broken", b"older")
    write_stamp(path, "abc", "")
    assert quarantine(path) == tmp_path / "net.pt.broken"
    assert os.listdir(tmp_path) == ["net.pt.broken"]
    assert (tmp_path / "net.pt.broken").read_bytes() == b"new"


def test_a_bad_download_gets_the_quarantine_name_of_its_final_file(tmp_path):
    part = put(tmp_path / "net.pt.part", b"bad")
    assert quarantine(part, tmp_path / "net.pt") == tmp_path / "net.pt.broken"
    assert os.listdir(tmp_path) == ["net.pt.broken"]


def test_a_json_file_is_replaced_without_leftovers_and_its_folder_created(tmp_path):
    path = tmp_path / "new" / "record.json"
    write_json(path, {"a": "καρέκλα"})
    write_json(path, {"a": 2})
    assert read_json(path) == {"a": 2}
    assert os.listdir(path.parent) == ["record.json"]


@pytest.mark.parametrize("text", [b"[1]", b"5", b"{", b"\xff", None])
def test_a_json_file_without_an_object_is_read_as_empty(tmp_path, text):
    if text is not None:
        (tmp_path / "record.json").write_bytes(text)
    assert read_json(tmp_path / "record.json") == {}


def test_two_processes_write_json_to_temporary_files_of_their_own(tmp_path, monkeypatch):
    (tmp_path / f"record.json.{os.getpid() + 1}.tmp").write_text("of another process")
    write_json(tmp_path / "record.json", {})
    assert len(os.listdir(tmp_path)) == 2


# --- finding


FIRST, SECOND = file_of("test/a.pt"), file_of("test/b.pt")


def test_the_first_variant_wins_unless_only_another_is_verified(tmp_path):
    checkpoint = checkpoint_of(FIRST, SECOND)
    assert find_local(checkpoint, tmp_path) is None
    second = put(tmp_path / "test/b.pt", b"22")
    assert find_local(checkpoint, tmp_path) == LocalCheckpoint(SECOND, second, 2, "")
    first = put(tmp_path / "test/a.pt", b"1")
    assert find_local(checkpoint, tmp_path) == LocalCheckpoint(FIRST, first, 1, "")
    write_stamp(second, "of the second", "")
    assert find_local(checkpoint, tmp_path) == LocalCheckpoint(SECOND, second, 2, "of the second")
    write_stamp(first, "of the first", "")
    assert find_local(checkpoint, tmp_path) == LocalCheckpoint(FIRST, first, 1, "of the first")


def test_a_folder_or_a_pipe_is_not_a_weights_file(tmp_path):
    (tmp_path / "test/a.pt").mkdir(parents=True)
    os.mkfifo(tmp_path / "test/b.pt")
    assert find_local(checkpoint_of(FIRST, SECOND), tmp_path) is None


@pytest.fixture
def three(monkeypatch):
    """A catalogue of three checkpoints and a model that needs two of them."""
    entries = {
        name: checkpoint_of(file_of(f"{name}.pt", parameter_count=count), name=name)
        for name, count in [("a", 250_000_000), ("b", 1_251_000_000), ("c", 9)]
    }
    monkeypatch.setattr(local_files, "CHECKPOINTS", entries)
    monkeypatch.setattr(required, "REQUIRED_CHECKPOINTS", {"model": ("b", "a")})
    return entries


def test_missing_checkpoints_are_returned_in_the_order_of_their_names(three, tmp_path):
    assert missing(["c", "a", "b"], tmp_path) == (three["c"], three["a"], three["b"])
    put(tmp_path / "a.pt", b"")
    assert missing(["c", "a", "b"], tmp_path) == (three["c"], three["b"])
    with pytest.raises(KeyError):
        missing(["d"], tmp_path)


def test_a_model_with_missing_checkpoints_is_refused_with_their_sizes(three, tmp_path):
    with pytest.raises(MissingWeights) as refused:
        require_model("model", tmp_path)
    assert str(refused.value) == "Weights are missing: b (5.00 GB), a (1.00 GB). Download or import them first."
    assert refused.value.names == ("b", "a")
    put(tmp_path / "b.pt", b"")
    with pytest.raises(MissingWeights, match=r"missing: a \(1.00 GB\)\."):
        require_checkpoints(("a", "b"), tmp_path)
    put(tmp_path / "a.pt", b"")
    require_model("model", tmp_path)
    require_model("a model without checkpoints", tmp_path)


def test_the_default_weights_folder_is_used_unless_another_is_named(three, tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path / "default"))
    put(tmp_path / "default/c.pt", b"")
    require_checkpoints(("c",))
    with pytest.raises(MissingWeights):
        require_checkpoints(("c",), tmp_path / "other")


# --- verification


def verified(path, **facts):
    return run_steps(verify.verify(path, file_of(**facts), ProgressUpdate("download", "test/net", done_bytes=3)))


def test_a_file_is_read_in_blocks_with_an_update_for_each(tmp_path, content, monkeypatch):
    monkeypatch.setattr(verify, "BLOCK_BYTES", 100_000)
    updates, sha256 = verified(put(tmp_path / "net", content))
    assert sha256 == hashlib.sha256(content).hexdigest()
    assert [(update.stage, update.checkpoint, update.done_bytes, update.of_bytes) for update in updates] == [
        ("verify", "test/net", 100_000, len(content)),
        ("verify", "test/net", len(content), len(content)),
    ]


def test_a_published_size_and_hash_must_match(tmp_path, content):
    path, sha256 = put(tmp_path / "net", content), hashlib.sha256(content).hexdigest()
    assert verified(path, size=len(content), sha256=sha256)[1] == sha256
    with pytest.raises(BrokenWeights, match=f"^net.safetensors has {len(content):,} bytes and should have 1,000.$"):
        verified(path, size=1000, sha256=sha256)
    with pytest.raises(
        BrokenWeights, match=f"^net.safetensors is corrupt .*: its SHA-256 is {sha256}, not {'0' * 64}.$"
    ):
        verified(path, size=len(content), sha256="0" * 64)


def test_a_file_with_a_published_hash_may_contain_anything(tmp_path):
    content = b"a program that only its makers can read"
    verified(put(tmp_path / "net", content), sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(BrokenWeights, match="net.safetensors is not in a known weights format"):
        verified(tmp_path / "net")


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({}, None),
        ({"parameter_count": 35_999}, None),
        ({"parameter_count": 36_001}, "contains 36,000 parameters, and 36,001 are needed."),
        ({"tensor_count": 3}, None),
        ({"tensor_count": 2}, "it contains 3 tensors with 36,000 parameters, not 2 with 36,000."),
        ({"tensor_count": 3, "parameter_count": 35_999}, "36,000 parameters, not 3 with 35,999."),
        ({"required_tensors": ("a.weight", "c.weight")}, None),
        ({"required_tensors": ("a.weight", "d", "e")}, "belongs to another network: it lacks d."),
        ({"forbidden_tensors": ("d",)}, None),
        ({"forbidden_tensors": ("d", "b.weight", "a.weight")}, "belongs to another network: it contains b.weight."),
        ({"required_tensors": ("d",), "forbidden_tensors": ("a.weight",)}, "it lacks d."),
        ({"relatives": ((35_999, "another"),)}, None),
        ({"relatives": ((35_999, "another"), (36_000, "made for fish")), "tensor_count": 2}, "is made for fish."),
    ],
)
def test_the_tensors_of_a_file_without_a_published_hash_must_be_the_networks(tmp_path, content, facts, problem):
    path = put(tmp_path / "net", content)
    if problem is None:
        verified(path, **facts)
    else:
        with pytest.raises(BrokenWeights, match=f"^net.safetensors .*{problem}$"):
            verified(path, **facts)


def local_in(folder, content, **facts):
    path = put(folder / "test/net.safetensors", content)
    return find_local(checkpoint_of(file_of(**facts)), folder), path


def test_a_file_is_read_once_stamped_and_recorded(tmp_path, content):
    local, path = local_in(tmp_path, content)
    updates, verified = run_steps(ensure_verified(local, "test/net"))
    sha256 = hashlib.sha256(content).hexdigest()
    assert verified == replace(local, sha256=sha256)
    assert {update.checkpoint for update in updates} == {"test/net"}
    assert (valid_stamp(path).sha256, valid_stamp(path).source) == (sha256, "found in the weights folder")
    assert read_json(tmp_path / "first-seen.json")["test/net.safetensors"]["source"] == "found in the weights folder"
    assert find_local(checkpoint_of(file_of()), tmp_path) == verified


def test_a_verified_file_is_not_read_again(tmp_path, content):
    local, path = local_in(tmp_path, content)
    path.unlink()
    trusted = replace(local, sha256="abc")
    assert run_steps(ensure_verified(trusted, "test/net")) == ([], trusted)


def test_a_broken_file_is_quarantined_with_what_to_do(tmp_path, content):
    local, path = local_in(tmp_path, content[:-1])
    with pytest.raises(BrokenWeights, match=r"Moved to net.safetensors.broken; download test/net again\.$"):
        run_steps(ensure_verified(local, "test/net"))
    assert not path.exists()


def test_a_file_that_cannot_be_renamed_is_to_be_deleted(tmp_path):
    path = tmp_path / "missing.pt"
    assert quarantine_message(path) == "It could not be renamed (No such file or directory): delete it,"
    put(path, b"")
    assert quarantine_message(path) == "Moved to missing.pt.broken;"


def test_a_changed_file_gives_a_notice_and_is_used(tmp_path, content):
    local, _ = local_in(tmp_path, content, copied_sha256="0" * 64)
    updates, found = run_steps(ensure_verified(local, "test/net"))
    (notice,) = messages(updates, "notice")
    assert "has changed" in notice
    assert found.sha256 == hashlib.sha256(content).hexdigest()


def test_in_a_folder_that_cannot_be_written_a_file_is_used_without_a_stamp(tmp_path, content, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(local_files, "changed_since_first_seen", refuse)
    local, path = local_in(tmp_path, content)
    assert run_steps(ensure_verified(local, "test/net"))[1].sha256
    assert not stamp_path(path).exists()


# --- first seen


@pytest.fixture
def today(monkeypatch):
    monkeypatch.setattr(first_seen, "time", SimpleNamespace(strftime=lambda form: {"%Y-%m-%d": "2026-01-31"}[form]))


def test_the_first_file_of_a_name_is_recorded_and_kept(tmp_path, today):
    file = file_of()
    assert changed_since_first_seen(file, tmp_path, "aaa", 1000, "https://one") is None
    assert changed_since_first_seen(file, tmp_path, "aaa", 1000, "https://two") is None
    assert changed_since_first_seen(file, tmp_path, "bbb", 2000, "https://two") == (
        "test/net.safetensors has changed: it is now 2,000 bytes with SHA-256 bbb from https://two, and was aaa from "
        "https://one (2026-01-31). Its makers publish no hash, so compare the two before you trust it."
    )
    changed_since_first_seen(file_of("test/other.pt"), tmp_path, "ccc", 5, "/folder")
    assert read_json(tmp_path / "first-seen.json") == {
        "test/net.safetensors": {"sha256": "aaa", "size": 1000, "source": "https://one", "date": "2026-01-31"},
        "test/other.pt": {"sha256": "ccc", "size": 5, "source": "/folder", "date": "2026-01-31"},
    }


def test_a_known_copy_counts_as_seen_before_and_the_record_wins_over_it(tmp_path, today):
    file = file_of(copied_sha256="aaa")
    message = changed_since_first_seen(file, tmp_path, "bbb", 2000, "https://two")
    assert "and was aaa from copies on the hub (2022 to 2024)." in message
    assert changed_since_first_seen(file, tmp_path, "bbb", 2000, "https://two") is None
    assert changed_since_first_seen(file, tmp_path / "other", "aaa", 1000, "https://one") is None


def test_a_file_with_a_published_hash_is_not_recorded(tmp_path):
    assert changed_since_first_seen(file_of(sha256="aaa"), tmp_path, "bbb", 1, "") is None
    assert os.listdir(tmp_path) == []
