# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted weights files: nothing in one is run, and none takes memory or time without limit."""

import io
import os
import pickle
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from blender_text3d.engine.weights.catalogue import OFFICIAL, Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.download.import_folder import import_folder
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats import open_tensors
from blender_text3d.engine.weights.formats.contents import read_contents
from blender_text3d.engine.weights.formats.open_tensors import read_tensors
from blender_text3d.engine.weights.formats.torchscript import locate_tensors
from blender_text3d.engine.weights.loading.load_tensors import load_float32
from blender_text3d.engine.weights.store.local_files import find_local
from tests.engine.weights.run_steps import run_steps
from tests.security.conftest import SPECIAL_FILES
from tests.security.npz_files import many_entries, undersized_entry

pytestmark = pytest.mark.usefixtures("bounded")
TENSORS = {"a.weight": torch.ones(8), "b.weight": torch.ones(4, 4)}
COMPLETE = save(TENSORS)


class Payload:
    """Object that creates a file when it is unpickled."""

    def __init__(self, trace: Path):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def saved(values: object, **options) -> bytes:
    buffer = io.BytesIO()
    torch.save(values, buffer, **options)
    return buffer.getvalue()


def refused(read, path: Path) -> str:
    with pytest.raises(BrokenWeights) as refusal:
        read(path)
    message = str(refusal.value)
    assert path.name in message
    assert len(message) <= 900
    assert message.isprintable(), message
    return message


@pytest.mark.parametrize("kind", ["zip", "old", "plain pickle", "TorchScript", "next to tensors"])
def test_code_in_a_checkpoint_is_never_run(tmp_path, kind):
    payload, path = Payload(tmp_path / "trace"), tmp_path / "net.pt"
    script = {
        "net/data.pkl": pickle.dumps(payload, protocol=2),
        "net/constants.pkl": b"\x80\x02).",
        "net/version": b"3\n",
    }
    path.write_bytes(
        {
            "zip": saved(payload),
            "old": saved(payload, _use_new_zipfile_serialization=False),
            "plain pickle": pickle.dumps(payload),
            "TorchScript": zipped(script),
            "next to tensors": saved(TENSORS | {"evil": payload}),
        }[kind]
    )
    for read in (read_contents, read_tensors, load_float32):
        with pytest.raises(BrokenWeights):
            read(path)
    assert not (tmp_path / "trace").exists()


def nested_tuples(levels: int = 60) -> bytes:
    """Return a small pickle of nested tuples, each containing the previous one twice: endless to hash or to print."""
    return b"\x80\x02)" + b"".join(b"q%c0h%ch%c\x86" % (n, n, n) for n in range(levels))


def stacked_tuples(levels: int = 60) -> bytes:
    """Return the same without popping the stack, which torch never does; b"h\x3b" pushes the last but one."""
    return b"\x80\x02)" + b"".join(b"q%ch%ch%c\x86" % (n, n, n) for n in range(levels))


REBUILD = b"\x80\x02}X\x01\0\0\0actorch._utils\n_rebuild_tensor_v2\n"
TABLES = {
    "endless keys": b"\x80\x02}" + nested_tuples()[2:] + b"K\x01s.",
    "an endless set": b"\x80\x04\x8f(" + nested_tuples()[2:] + b"\x90.",
    "an endless storage": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(X\x07\x00\x00\x00storage"
    + nested_tuples()[2:] + b"\x86QK\x00))t R.".replace(b" ", b""),
    "an endless name": b"\x80\x02c" + b"\x1b[31m" * 100_000 + b"\nsystem\n.",
    "claims four gigabytes": b"\x80\x04\x8e\x00\x00\x00\x00\x01\x00\x00\x00.",
    "a huge frame": b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
    "deep nesting": b"\x80\x02" + b"(" * 100_000 + b".",
    "endless marks": b"\x80\x02" + b"(" * 10**8 + b".",
    "endless lists": b"\x80\x02" + b"]" * 1_900_000 + b".",
    "stacked keys": stacked_tuples() + b"}h\x3bK\x01s.",
    "stacked keys by a call": stacked_tuples() + b"ccollections\nOrderedDict\n]h\x3bK\x01\x86a\x85R.",
    "a stacked storage": stacked_tuples() + b"ctorch._utils\n_rebuild_tensor_v2\n(h\x3bh\x3b\x86K\0))tR.",
    "a stacked name": stacked_tuples() + b"}X\x01\0\0\0ah\x3bs.",
    "a stacked reference": stacked_tuples() + b"h\x3bQ.",
    "claims two gigabytes": b"\x80\x05\x96" + (2**31).to_bytes(8, "little") + b".",
    "claims a text of four gigabytes": b"\x80\x02X\xff\xff\xff\xff.",
    "a tensor never created": REBUILD + b")\x81}(X\x05\0\0\0shapeJ\0\x94\x35\x77\x85X\x0a\0\0\0bytes_eachK\0"
    b"X\x05\0\0\0entryX\x01\0\0\x000ubs.",
    "a tensor that is changed": REBUILD + b"N}X\x08\0\0\0__init__K\x01s\x86bs.",
    "a module that is changed": b"\x80\x02c__torch__\nM\nN}X\x08\0\0\0__init__K\x01s\x86b)\x81.",
    "a number of a million digits": b"\x80\x02\x8b\x80\x84\x1e\0" + b"\x7f" * 2_000_000 + b".",
    "a list in itself": b"\x80\x02]q\0h\0a.",
    "nothing": b"",
}  # fmt: skip


@pytest.mark.parametrize("script", [False, True], ids=["torch.save", "TorchScript"])
@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_tensors_that_would_exhaust_time_or_memory_is_refused(tmp_path, table, script):
    entries = {"net/data.pkl": TABLES[table]} | ({"net/constants.pkl": b"\x80\x02)."} if script else {})
    (tmp_path / "net.pt").write_bytes(zipped(entries))
    refused(read_tensors if script else read_contents, tmp_path / "net.pt")


@pytest.mark.parametrize("sides", [(2**62,) * 17, (10**4000,) * 3, (-1, -8), (True, 8), ("8",), (8.0,)])
def test_a_tensor_of_an_impossible_shape_is_refused(tmp_path, sides):
    rebuilt = pickle.dumps({"a": "HERE"}, protocol=2).replace(
        pickle.dumps("HERE", protocol=2)[2:-1], b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\n"
        b"FloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x08tQK\x00" + pickle.dumps(sides, protocol=2)[2:-1] +
        b")tR",
    )  # fmt: skip
    (tmp_path / "net.pt").write_bytes(zipped({"net/data.pkl": rebuilt, "net/data/0": bytes(32)}))
    refused(read_contents, tmp_path / "net.pt")


def test_a_refused_file_has_no_effect_on_the_next(tmp_path):
    for table in TABLES.values():
        (tmp_path / "net.pt").write_bytes(zipped({"net/data.pkl": table}))
        refused(read_contents, tmp_path / "net.pt")
    (tmp_path / "net.pt").write_bytes(saved(TENSORS))
    assert read_contents(tmp_path / "net.pt").parameter_count == 24


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_all_state_dicts_that_torch_saves_are_read(tmp_path, protocol):
    path = tmp_path / "net.pt"
    network = torch.nn.Sequential(torch.nn.BatchNorm1d(4), *(torch.nn.Linear(300, 2) for _ in range(200)))
    for tensors in (network.state_dict(), {"a": torch.ones(3, 70_000).T, "b": torch.tensor(5), "c": torch.ones(9)[2:]}):
        path.write_bytes(saved(tensors, pickle_protocol=protocol))
        assert read_contents(path).shapes == {name: tuple(tensor.shape) for name, tensor in tensors.items()}


@pytest.mark.parametrize("script", [False, True], ids=["torch.save", "TorchScript"])
@pytest.mark.parametrize("way", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_table_is_not_decompressed(tmp_path, script, way):
    (tmp_path / "net.pt").write_bytes(undersized_entry("net/data.pkl", way))
    message = refused(locate_tensors if script else read_contents, tmp_path / "net.pt")
    assert "is a zip without a TorchScript model" in message if script else "is compressed" in message


def test_a_zip_directory_of_a_million_entries_is_not_read(tmp_path):
    (tmp_path / "net.pt").write_bytes(many_entries(1_000_000))
    for read in (read_contents, locate_tensors, read_tensors):
        refused(read, tmp_path / "net.pt")


def header(text: bytes, data: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text + data


def test_a_zip_whose_names_are_not_text_is_refused(tmp_path):
    broken = saved(TENSORS).replace(b"archive/", b"archive\xff")
    bits = broken.rindex(b"PK\x01\x02") + 8  # marks the last entry's name as UTF-8
    (tmp_path / "net.pt").write_bytes(broken[:bits] + b"\x00\x08" + broken[bits + 2 :])
    for read in (read_contents, read_tensors):
        refused(read, tmp_path / "net.pt")


INVALID = {
    "a header as long as allowed": (99_999_999).to_bytes(8, "little") + b"{" + bytes(100),
    "a header longer than allowed": (2**63).to_bytes(8, "little") + b"{" + bytes(100),
    "three places": header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', bytes(4)),
    "one place": header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}', bytes(4)),
    "places that are no list": header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":4}}', bytes(4)),
    "places that overlap": COMPLETE.replace(b"[0,32]", b"[0,64]"),
    "places beyond the end": header(b'{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}', bytes(4)),
    "places below zero": header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}', bytes(4)),
    "places without end": header(b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,1e400]}}', bytes(4)),
    "another kind": COMPLETE.replace(b'"F32"', b'"I64"'),
    "an unknown kind": COMPLETE.replace(b'"F32"', b'"F99"'),
    "a shape of text": header(b'{"a":{"dtype":"U8","shape":"44","data_offsets":[0,4]}}', bytes(4)),
    "a gigantic shape": header(b'{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}', bytes(4)),
    "a million sides": header(
        b'{"a":{"dtype":"U8","shape":[%s1],"data_offsets":[0,4]}}' % (b"9999999," * 10**6), bytes(4)
    ),
    "sides of many digits": header(b'{"a":{"dtype":"U8","shape":[%s],"data_offsets":[0,4]}}' % (b"9" * 4000), bytes(4)),
    "yes for a side": header(b'{"a":{"dtype":"U8","shape":[true],"data_offsets":[0,1]}}', bytes(1)),
    "deep nesting": header(b'{"a":' * 100_000),
    "names that move the cursor": header(b'{"\\u001b[2J":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', bytes(4)),
    "cut short": COMPLETE[:-8],
    "too long": COMPLETE + b"more",
}


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_safetensors_file_is_refused_by_all_readers(tmp_path, name):
    (tmp_path / "net.safetensors").write_bytes(INVALID[name])
    refused(read_contents, tmp_path / "net.safetensors")
    for read in (read_tensors, load_float32):
        refused(read, tmp_path / "net.safetensors")


@pytest.mark.parametrize("what", [*SPECIAL_FILES[:3], "link to a pipe"])
def test_a_special_file_is_neither_found_nor_imported(tmp_path, make_special_file, what):
    file = CheckpointFile(
        "test/net.pt", OFFICIAL, (Address("http://127.0.0.1:9/net.pt", "nobody"),), parameter_count=24
    )
    checkpoint = Checkpoint("test/net", "a test", (file,), "MIT", "", "")
    for place in (tmp_path / "weights" / "test" / "net.pt", tmp_path / "stick" / "net.pt"):
        place.parent.mkdir(parents=True)
        if what == "link to a pipe":
            os.mkfifo(place.with_suffix(".pipe"))
            place.symlink_to(place.with_suffix(".pipe"))
        else:
            make_special_file(place, what)
    assert find_local(checkpoint, tmp_path / "weights") is None
    assert run_steps(import_folder(tmp_path / "stick", [checkpoint], tmp_path / "weights")) == ([], [])


def test_an_import_does_not_copy_a_far_too_large_file(tmp_path):
    file = CheckpointFile("test/net.pt", OFFICIAL, (), parameter_count=24)
    checkpoint = Checkpoint("test/net", "a test", (file,), "MIT", "", "")
    (tmp_path / "stick").mkdir()
    with (tmp_path / "stick" / "net.pt").open("wb") as file:
        file.truncate(2**40)
    news, imported = run_steps(import_folder(tmp_path / "stick", [checkpoint], tmp_path / "weights"))
    assert imported == []
    assert any("too large" in item.message for item in news)
    assert [path.name for path in (tmp_path / "weights").rglob("*.part*")] == []


def test_an_import_follows_links_to_files_but_not_loops(tmp_path):
    """Caches of the hub are links; a link to a parent folder would never end."""
    file = CheckpointFile("test/net.safetensors", OFFICIAL, (), parameter_count=24)
    checkpoint = Checkpoint("test/net", "a test", (file,), "MIT", "", "")
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs" / "abc").write_bytes(COMPLETE)
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "loop").symlink_to(stick)
    (stick / "net.safetensors").symlink_to(tmp_path / "blobs" / "abc")
    _, (local,) = run_steps(import_folder(stick, [checkpoint], tmp_path / "weights"))
    assert local.path.read_bytes() == COMPLETE
    assert not local.path.is_symlink()
    assert local.path == tmp_path / "weights" / "test" / "net.safetensors"


def test_a_valid_file_of_each_format_is_read(tmp_path):
    for content in (saved(TENSORS), COMPLETE):
        (tmp_path / "net").write_bytes(content)
        assert read_contents(tmp_path / "net").parameter_count == 24
        assert set(open_tensors.read_tensors(tmp_path / "net")) == set(TENSORS)
