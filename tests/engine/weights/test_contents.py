# SPDX-License-Identifier: GPL-3.0-or-later
"""Invalid and hostile files are recognized without torch."""

import io
import json
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats import torch_zip
from blender_text3d.engine.weights.formats.contents import Contents, read_contents, signature_problem

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "net.pt"
        path.write_bytes(content)
        return path

    return write


def zipped(entries, compression=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def safetensors_of(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor_entry(shape, start, stop, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_names_and_shapes_of_a_torch_file_are_read(file, tensors, weights):
    assert read_contents(file(weights)).shapes == {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    assert read_contents(file(weights)).parameter_count == 36_000


def test_a_state_dict_with_its_metadata_is_read(file, tmp_path):
    network = torch.nn.TransformerEncoderLayer(8, 2)
    torch.save(network.state_dict(), tmp_path / "net.pt")
    assert read_contents(tmp_path / "net.pt").parameter_count == sum(p.numel() for p in network.parameters())


def test_names_and_shapes_of_a_safetensors_file_are_read(file, tensors):
    assert read_contents(file(save(tensors))).shapes == {name: tuple(value.shape) for name, value in tensors.items()}


def test_the_reader_needs_no_torch(file, weights):
    code = (
        "import sys; from pathlib import Path; from blender_text3d.engine.weights import cli; "
        "from blender_text3d.engine.weights.formats import contents; "
        f"contents.read_contents(Path({str(file(weights))!r})); "
        "sys.exit(' '.join({'torch', 'numpy', 'safetensors'} & set(sys.modules)))"
    )
    process = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True)
    assert process.stderr.strip() == ""


@pytest.mark.parametrize(
    ("header", "data", "text"),
    [
        ({"a": tensor_entry([2, 3], 0, 24)}, b"x" * 23, "describes 24"),
        ({"a": tensor_entry([2, 3], 0, 24)}, b"x" * 25, "describes 24"),
        ({"a": tensor_entry([2, 3], 0, 8)}, b"x" * 8, "invalid tensor offsets"),
        ({"a": tensor_entry([2], 0, 8), "b": tensor_entry([2], 4, 12)}, b"x" * 12, "invalid tensor offsets"),
        ({"a": tensor_entry([2], 8, 16)}, b"x" * 16, "invalid tensor offsets"),
        ({"a": tensor_entry([-2, -1], 0, 8)}, b"x" * 8, "without valid tensors"),
        ({"a": tensor_entry([1 << 62, 4], 0, 0)}, b"", "invalid tensor offsets"),
        ({"a": {"dtype": "F32"}}, b"", "without valid tensors"),
        ({"a": 3}, b"", "without valid tensors"),
        ({"a": tensor_entry([1], 0, 4, "F99")}, b"x" * 4, "without valid tensors"),
        (b"{" * 4000, b"", "cannot be read"),
        (b"{\xff", b"", "cannot be read"),
    ],
)
def test_an_invalid_safetensors_header_is_refused(file, header, data, text):
    with pytest.raises(BrokenWeights, match=text):
        read_contents(file(safetensors_of(header, data)))


def test_a_safetensors_header_longer_than_the_file_is_refused(file):
    with pytest.raises(BrokenWeights, match="truncated"):
        read_contents(file((50_000_000).to_bytes(8, "little") + b'{"a": 1}'))


@pytest.mark.parametrize(
    ("start", "text"),
    [(b"<?xml version='1.0'?><Error>", "web page or text"), (b'{"error": "not found"} ', "web page or text"),
     (b"", "empty"), (b"short", "truncated"), (b"\x80\x02\x8a\x0a of another kind", "not in a known")],
)  # fmt: skip
def test_a_file_that_is_not_weights_is_named(file, start, text):
    with pytest.raises(BrokenWeights, match=text):
        read_contents(file(start))


def test_a_zip_bomb_is_refused_without_decompressing_it(file):
    bomb = zipped({"net/data.pkl": b"\x80\x02}.", "net/data/0": bytes(50_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    with pytest.raises(BrokenWeights, match="compressed"):
        read_contents(file(bomb))


def test_a_zip_whose_entries_overlap_is_refused(file):
    valid = zipped({"net/data.pkl": b"\x80\x02}.", "net/data/0": bytes(4000)})
    start = valid.index(b"PK\x01\x02")
    directory = valid[start : valid.index(b"PK\x05\x06")]
    second = directory[directory.index(b"PK\x01\x02", 4) :]
    many = b"".join(second.replace(b"data/0", b"data/%d" % digit) for digit in range(1, 9))
    end = valid[-22:-14] + (10).to_bytes(2, "little") * 2 + (len(directory) + len(many)).to_bytes(4, "little")
    with pytest.raises(BrokenWeights, match="more bytes than it has|truncated or corrupt"):
        read_contents(file(valid[:start] + directory + many + end + start.to_bytes(4, "little") + b"\0\0"))


def test_a_zip_of_something_else_is_refused(file):
    with pytest.raises(BrokenWeights, match="a zip without weights"):
        read_contents(file(zipped({"word/document.xml": b"<w/>"})))


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.",
        b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
        b"\x80\x02ctorch\nload\nX\x01\x00\x00\x00a\x85R.",
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2.__globals__\n.",
    ],
)
def test_a_pickle_with_any_other_name_is_refused(file, pickled):
    with pytest.raises(BrokenWeights, match="would call"):
        read_contents(file(zipped({"net/data.pkl": pickled})))


@pytest.mark.parametrize(
    ("pickled", "text"),
    [
        (pickle.dumps([1, 2], protocol=2), "more than named tensors"),
        (pickle.dumps({"a": 1}, protocol=2), "more than named tensors"),
        (b"\x80\x02}", "cannot be read"),
        (b"\x80\x02}r\xff\xff\xff\xff.", "tensors|{}"),
        (b"\x80\x02\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.", "cannot be read"),
    ],
    ids=["list", "numbers", "cut", "huge memo", "huge bytes"],
)
def test_a_pickle_that_is_not_a_table_of_tensors_is_harmless(file, pickled, text):
    path = file(zipped({"net/data.pkl": pickled}))
    if text == "tensors|{}":
        assert read_contents(path).shapes == {}
    else:
        with pytest.raises(BrokenWeights, match=text):
            read_contents(path)


def test_a_tensor_that_is_larger_than_its_entry_is_refused(file, weights):
    with zipfile.ZipFile(io.BytesIO(weights)) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    shorter = next(name for name in entries if name.endswith("data/1"))
    with pytest.raises(BrokenWeights, match="does not contain"):
        read_contents(file(zipped({**entries, shorter: entries[shorter][:-4]})))


def rebuilt(kind="FloatStorage", key="0", shape=(2, 3)):
    """A pickle of one tensor "a", as torch.save writes it."""
    storage = b"(" + pickle.dumps("storage", 2)[2:-1] + b"ctorch\n%s\n" % kind.encode() + pickle.dumps(key, 2)[2:-1]
    storage += pickle.dumps("cpu", 2)[2:-1] + b"K\x06tQ"
    arguments = b"(" + storage + b"K\0" + pickle.dumps(shape, 2)[2:-1] + b"tR"
    return b"\x80\x02}" + pickle.dumps("a", 2)[2:-1] + b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"s."


@pytest.mark.parametrize(
    ("kind", "size"),
    [("DoubleStorage", 8), ("FloatStorage", 4), ("HalfStorage", 2), ("BFloat16Storage", 2), ("LongStorage", 8),
     ("IntStorage", 4), ("ShortStorage", 2), ("CharStorage", 1), ("ByteStorage", 1), ("BoolStorage", 1)],
)  # fmt: skip
def test_a_tensor_must_have_all_bytes_of_its_type(file, kind, size):
    entries = {"net/data.pkl": rebuilt(kind), "net/data/0": bytes(6 * size)}
    assert read_contents(file(zipped(entries))).shapes == {"a": (2, 3)}
    with pytest.raises(BrokenWeights, match="^net.pt lists a tensor a that it does not contain.$"):
        read_contents(file(zipped(entries | {"net/data/0": bytes(6 * size - 1)})))


@pytest.mark.parametrize("entries", [{}, {"net/data/1": bytes(24)}, {"other/data/0": bytes(24)}, {"net/0": bytes(24)}])
def test_a_tensor_without_its_entry_is_refused_even_if_it_is_empty(file, entries):
    for shape in ((2, 3), (0,)):
        with pytest.raises(BrokenWeights, match="does not contain"):
            read_contents(file(zipped({"net/data.pkl": rebuilt(shape=shape)} | entries)))


@pytest.mark.parametrize("shape", [(-1, 2), (2.0,), (True,), (1,) * 17, "23"])
def test_a_tensor_of_an_invalid_shape_is_refused(file, shape):
    with pytest.raises(
        BrokenWeights, match=r"a table of tensors that cannot be read \(a tensor has an invalid shape\)"
    ):
        read_contents(file(zipped({"net/data.pkl": rebuilt(shape=shape), "net/data/0": bytes(400)})))


@pytest.mark.parametrize("key", [0, None, ["0"]])
def test_a_tensor_of_an_invalid_storage_is_refused(file, key):
    with pytest.raises(BrokenWeights, match=r"\(a tensor has an invalid storage\)"):
        read_contents(file(zipped({"net/data.pkl": rebuilt(key=key), "net/data/0": bytes(400)})))


def test_a_zip_must_have_exactly_one_table_in_a_folder(file):
    table = {"net/data.pkl": b"\x80\x02}."}
    assert read_contents(file(zipped(table))).shapes == {}
    for entries in (table | {"other/data.pkl": b"\x80\x02}."}, {"data.pkl": b"\x80\x02}."}, {}):
        with pytest.raises(BrokenWeights, match="^net.pt is a zip without weights.$|truncated"):
            read_contents(file(zipped({"net/version": b"3"} | entries)))


def test_the_limits_of_a_zip_are_inclusive(file, monkeypatch):
    path = file(zipped({"net/data.pkl": b"\x80\x02}.", "net/version": b"3"}))
    monkeypatch.setattr(torch_zip, "MAX_ENTRIES", 2)
    monkeypatch.setattr(torch_zip, "MAX_PICKLE_BYTES", 4)
    assert read_contents(path).shapes == {}
    monkeypatch.setattr(torch_zip, "MAX_PICKLE_BYTES", 3)
    with pytest.raises(BrokenWeights, match="a zip without weights"):
        read_contents(path)
    monkeypatch.setattr(torch_zip, "MAX_ENTRIES", 1)
    with pytest.raises(BrokenWeights, match="^net.pt is compressed"):
        read_contents(path)


def test_one_compressed_entry_is_enough_to_refuse_a_zip(file):
    content = bytearray(zipped({"net/data.pkl": b"\x80\x02}.", "net/version": b"3"}))
    content[content.rindex(b"PK\x01\x02") + 10] = zipfile.ZIP_DEFLATED
    with pytest.raises(BrokenWeights, match="is compressed, which weights never are"):
        read_contents(file(bytes(content)))


def test_the_default_limits_of_a_zip():
    assert (torch_zip.MAX_ENTRIES, torch_zip.MAX_DIRECTORY_BYTES, torch_zip.MAX_PICKLE_BYTES) == (
        10**5,
        2**22,
        2 * 10**6,
    )


def test_a_wrong_checksum_is_named_with_its_entry(file):
    content = zipped({"net/data.pkl": b"\x80\x02}.", "net/data/0": b"unique bytes"}).replace(
        b"unique bytes", b"Unique bytes"
    )
    with pytest.raises(BrokenWeights, match="^net.pt is corrupt: the checksum of net/data/0 is wrong.$"):
        read_contents(file(content))


def test_a_message_has_the_name_that_the_file_will_get(file):
    with pytest.raises(BrokenWeights, match="^final.pt is empty or truncated.$"):
        read_contents(file(b""), "final.pt")
    with pytest.raises(BrokenWeights, match="^final.pt is a zip without weights.$"):
        read_contents(file(zipped({"a": b""})), "final.pt")
    with pytest.raises(BrokenWeights, match="^final.pt contains 1 bytes of tensors"):
        read_contents(file(safetensors_of({}, b"x")), "final.pt")


@pytest.mark.parametrize(
    ("start", "problem"),
    [
        (b"PK\x03\x04" + bytes(12), None),
        (b"PK\x03\x04", None),
        ((9).to_bytes(8, "little") + b"{", None),
        (b"PK\x05\x06" + bytes(12), "is not in a known weights format"),
        (b"<html><body>Moved", "is a web page or text, not weights"),
        (b" \n<html><body>Mo", "is a web page or text, not weights"),
        (b'{"error": "none"', "is a web page or text, not weights"),
        (b'["error", "none"', "is a web page or text, not weights"),
        (b"\xef\xbb\xbf<html>", "is a web page or text, not weights"),
        (b"plain text files", "is not in a known weights format"),
        (b"plain text file", "is empty or truncated"),
        (b"", "is empty or truncated"),
    ],
)
def test_the_first_bytes_show_the_problem(start, problem):
    assert signature_problem(start) == problem


def test_parameters_are_counted_over_all_tensors():
    assert Contents({"a": (2, 3), "b": (), "c": (0, 9), "d": (4,)}).parameter_count == 11
