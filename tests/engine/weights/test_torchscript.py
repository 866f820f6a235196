# SPDX-License-Identifier: GPL-3.0-or-later
"""A TorchScript archive is read without running it, and a hostile or corrupt one is refused."""

import collections
import os
import pickle
import sys
import types
import zipfile
from pathlib import Path

import pytest
import torch

from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats import torchscript
from blender_text3d.engine.weights.formats.torchscript import is_torchscript, torchscript_tensors

CLIP = Path(__file__).parents[1] / "text" / "clip_tiny.pt"


class Storage:
    """Numbers in the archive's entry data/KEY."""

    def __init__(self, key: str = "0", kind: type = torch.HalfStorage):
        self.key, self.kind = key, kind


class Tensor:
    """An object that is pickled as TorchScript's tensors are."""

    def __init__(self, shape: tuple, strides: tuple, offset: int = 0, key: str = "0", kind=torch.HalfStorage):
        self.arguments = (Storage(key, kind), offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return torch._utils._rebuild_tensor_v2, self.arguments


class Call:
    """An object that calls a function when it is unpickled."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return self.function, self.arguments


@pytest.fixture
def module(monkeypatch):
    """Create modules whose class is in `__torch__`, as TorchScript's are."""
    package = types.ModuleType("__torch__")
    package.Net = type("Net", (), {"__module__": "__torch__"})
    monkeypatch.setitem(sys.modules, "__torch__", package)

    def made(**attributes):
        net = package.Net()
        net.__dict__.update(attributes)
        return net

    return made


class Pickler(pickle.Pickler):
    def persistent_id(self, thing):
        return ("storage", thing.kind, thing.key, "cuda:0", 4) if isinstance(thing, Storage) else None


def archive(folder: Path, root, data: bytes = bytes(8), packing: int = zipfile.ZIP_STORED) -> Path:
    """An archive of one storage of four numbers and a pickle."""
    path = folder / "net.pt"
    with zipfile.ZipFile(path, "w") as file:
        with file.open("net/data.pkl", "w") as entry:
            entry.write(root) if isinstance(root, bytes) else Pickler(entry, 2).dump(root)
        file.writestr("net/data/0", data, packing)
        file.writestr("net/constants.pkl", b"\x80\x02).")
    return path


def copy(folder: Path, keep: int | None = None, without: str = "") -> Path:
    """The recorded archive, truncated or without one of its entries."""
    path = folder / "clip.pt"
    if keep is not None:
        path.write_bytes(CLIP.read_bytes()[:keep])
        return path
    with zipfile.ZipFile(CLIP) as source, zipfile.ZipFile(path, "w") as part:
        for name in source.namelist():
            if name != without:
                part.writestr(name, source.read(name))
    return path


def test_tensors_equal_those_that_torch_itself_reads():
    with pytest.warns(Warning, match="."):
        expected = torch.jit.load(CLIP).state_dict()
    found = torchscript_tensors(CLIP)
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        assert found[name].dtype == tensor.dtype, name
        assert torch.equal(found[name], tensor), name


def test_an_archive_is_distinguished_from_a_plain_save(tmp_path):
    torch.save({"a": torch.zeros(2)}, tmp_path / "plain.pt")
    (tmp_path / "page.pt").write_text("<html>")
    assert is_torchscript(CLIP)
    assert not is_torchscript(tmp_path / "plain.pt")
    assert not is_torchscript(tmp_path / "page.pt")


def test_views_of_one_storage_and_tensors_of_a_gpu_are_read(tmp_path, module):
    data = torch.arange(4, dtype=torch.float16).numpy().tobytes()
    net = module(turned=Tensor((2, 2), (1, 2)), last=Tensor((), (), offset=3), none=Tensor((0, 5), (5, 1)))
    found = torchscript_tensors(archive(tmp_path, net, data))
    assert found["turned"].tolist() == [[0, 2], [1, 3]]
    assert found["last"].item() == 3
    assert found["none"].shape == (0, 5)


def test_writing_to_a_tensor_leaves_the_file_alone(tmp_path, module):
    path = archive(tmp_path, module(a=Tensor((4,), (1,))))
    before = path.read_bytes()
    torchscript_tensors(path)["a"].fill_(1)
    assert path.read_bytes() == before


@pytest.mark.parametrize("function", [os.system, eval, getattr, torch.load, torch.jit.load])
def test_a_pickle_that_names_a_function_is_refused(tmp_path, module, function):
    path = archive(tmp_path, module(a=Tensor((4,), (1,)), b=Call(function, "1")))
    with pytest.raises(BrokenWeights, match=r"net.pt would call .* it was not opened. Download it from another source"):
        torchscript_tensors(path)


@pytest.mark.parametrize(
    "tensor",
    [
        Tensor((5,), (1,)),
        Tensor((2,), (4,)),
        Tensor((4,), (1,), offset=1),
        Tensor((1 << 40,), (0,)),
        Tensor((1 << 62, 1 << 62), (1, 1)),
        Tensor((4,), (1,), key="../../etc/passwd"),
    ],
)
def test_a_tensor_that_the_file_lacks_is_named(tmp_path, module, tensor):
    with pytest.raises(BrokenWeights, match=r"net.pt lists a tensor inner\.weight that"):
        torchscript_tensors(archive(tmp_path, module(inner=module(weight=tensor))))


@pytest.mark.parametrize(
    "tensor", [Tensor((-1,), (1,)), Tensor((4,), (-1,)), Tensor((4,), (1, 1)), Tensor((2.0,), (1,))]
)
def test_a_tensor_of_an_invalid_shape_is_refused(tmp_path, module, tensor):
    with pytest.raises(BrokenWeights, match="cannot be read"):
        torchscript_tensors(archive(tmp_path, module(weight=tensor)))


def test_a_compressed_storage_is_refused(tmp_path, module):
    path = archive(tmp_path, module(a=Tensor((4,), (1,))), packing=zipfile.ZIP_DEFLATED)
    with pytest.raises(BrokenWeights, match="does not contain"):
        torchscript_tensors(path)


def test_a_module_inside_itself_is_refused(tmp_path, module):
    ring = module()
    ring.inner = ring
    with pytest.raises(BrokenWeights, match="without end"):
        torchscript_tensors(archive(tmp_path, ring))


def test_too_deeply_nested_modules_are_refused(tmp_path, module):
    deep = module(a=Tensor((4,), (1,)))
    for _ in range(50):
        deep = module(inner=deep)
    with pytest.raises(BrokenWeights, match="without end"):
        torchscript_tensors(archive(tmp_path, deep))


@pytest.mark.parametrize(
    "pickled",
    [b"", b"\x80\x02", b"\x80\x02).", b"garbage", b"\x80\x02c__torch__\nA\nr\xff\xff\xff\x7f.", b"\x80\x02K\x01Q."],
)
def test_a_corrupt_pickle_is_refused_without_taking_memory(tmp_path, pickled):
    with pytest.raises(BrokenWeights, match=r"net.pt (has a table|is a zip).* Download it from another source."):
        torchscript_tensors(archive(tmp_path, pickled))


@pytest.mark.parametrize("keep", [0, 100, 50_000, CLIP.stat().st_size - 1])
def test_a_truncated_file_is_named(tmp_path, keep):
    with pytest.raises(BrokenWeights, match="clip.pt is truncated or corrupt"):
        torchscript_tensors(copy(tmp_path, keep=keep))


@pytest.mark.parametrize("without", ["clip_tiny/data.pkl", "clip_tiny/data/7"])
def test_an_archive_with_a_missing_entry_is_named(tmp_path, without):
    with pytest.raises(BrokenWeights, match="clip.pt (is a zip without|lists a tensor)"):
        torchscript_tensors(copy(tmp_path, without=without))


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(torch.DoubleStorage, torch.float64), (torch.FloatStorage, torch.float32), (torch.HalfStorage, torch.float16),
     (torch.BFloat16Storage, torch.bfloat16), (torch.LongStorage, torch.int64), (torch.IntStorage, torch.int32),
     (torch.ShortStorage, torch.int16), (torch.CharStorage, torch.int8), (torch.ByteStorage, torch.uint8),
     (torch.BoolStorage, torch.bool)],
)  # fmt: skip
def test_numbers_of_each_type_are_read_from_their_offset(tmp_path, module, kind, dtype):
    expected = torch.tensor([0, 1, 1, 0, 1], dtype=dtype)
    data = expected.view(torch.uint8).numpy().tobytes()
    tensor = Tensor((3,), (1,), offset=2, kind=kind)
    found = torchscript_tensors(archive(tmp_path, module(a=tensor), data))["a"]
    assert found.dtype == dtype
    assert torch.equal(found, expected[2:])
    with pytest.raises(BrokenWeights, match="lists a tensor a that is larger than its data"):
        torchscript_tensors(archive(tmp_path, module(a=tensor), data[:-1]))


def test_only_wanted_tensors_are_read_and_modules_are_named_with_dots(tmp_path, module):
    inner = module(weight=Tensor((2,), (1,)), bias=Tensor((1,), (1,)))
    path = archive(tmp_path, module(inner=module(deep=inner), own=Tensor((4,), (1,)), number=3, text="a"))
    assert torchscript_tensors(path).keys() == {"own", "inner.deep.weight", "inner.deep.bias"}
    assert torchscript_tensors(path, lambda name: name.endswith("weight")).keys() == {"inner.deep.weight"}


def nested(module, levels):
    deep = module(a=Tensor((4,), (1,)))
    for _ in range(levels):
        deep = module(inner=deep)
    return deep


def test_modules_may_be_nested_32_levels_deep(tmp_path, module):
    assert torchscript_tensors(archive(tmp_path, nested(module, 32))).keys() == {"inner." * 32 + "a"}
    with pytest.raises(
        BrokenWeights, match="^net.pt has modules nested without end. Download it from another source.$"
    ):
        torchscript_tensors(archive(tmp_path, nested(module, 33)))


def test_a_module_in_two_places_is_refused(tmp_path, module):
    twice = module(a=Tensor((4,), (1,)))
    with pytest.raises(BrokenWeights, match="nested without end"):
        torchscript_tensors(archive(tmp_path, module(one=twice, two=twice)))


def test_a_view_may_reach_the_last_number_and_not_beyond(tmp_path, module):
    assert torchscript_tensors(archive(tmp_path, module(a=Tensor((2, 2), (2, 1)))))["a"].shape == (2, 2)
    assert torchscript_tensors(archive(tmp_path, module(a=Tensor((2,), (3,)))))["a"].shape == (2,)
    for tensor in (
        Tensor((2, 2), (3, 1)),
        Tensor((2,), (3,), offset=1),
        Tensor((5,), (0,)),
        Tensor((0,), (1,), offset=5),
    ):
        with pytest.raises(BrokenWeights, match="larger than its data"):
            torchscript_tensors(archive(tmp_path, module(a=tensor)))


def test_a_repeated_number_is_a_view(tmp_path, module):
    data = torch.tensor([7.0, 8, 9, 10], dtype=torch.float16).numpy().tobytes()
    found = torchscript_tensors(archive(tmp_path, module(a=Tensor((4,), (0,), offset=1)), data))["a"]
    assert found.tolist() == [8, 8, 8, 8]


def test_the_lists_and_types_that_torchscript_writes_are_read(tmp_path, module):
    path = archive(tmp_path, module(a=Tensor((4,), (1,))))
    with zipfile.ZipFile(path) as file:
        pickled = file.read("net/data.pkl")
    extra = b"".join(b"X\x01\0\0\0%cctorch.jit._pickle\n%s\n](K\x01K\x02e\x85Rs" % (65 + index, name.encode())
                     for index, name in enumerate(["build_intlist", "build_doublelist", "build_boollist",
                                                   "build_tensorlist"]))  # fmt: skip
    extra += b"X\x01\0\0\0Tctorch.jit._pickle\nrestore_type_tag\n]X\x09\0\0\0List[int]\x86Rs"
    assert pickled.endswith(b"sb.")
    assert torchscript_tensors(archive(tmp_path, pickled[:-2] + extra + b"b.")).keys() == {"a"}


@pytest.mark.parametrize("name", ["__torch__", "__torch__.clip.model"])
def test_classes_of_torchscript_are_modules_and_similar_names_are_not(tmp_path, name):
    pickled = b"\x80\x02c%s\nNet\n)\x81}b."
    assert torchscript_tensors(archive(tmp_path, pickled % name.encode())) == {}
    with pytest.raises(BrokenWeights, match=f"^net.pt would call {name.replace('__torch__', '__torch__x')}.Net, which"):
        torchscript_tensors(archive(tmp_path, pickled % name.replace("__torch__", "__torch__x").encode()))


@pytest.mark.parametrize("arguments", [b"K\x01\x85", b"]", b"N"])
def test_a_module_is_created_without_arguments(tmp_path, arguments):
    with pytest.raises(BrokenWeights, match="creates objects other than tensors"):
        torchscript_tensors(archive(tmp_path, b"\x80\x02c__torch__\nNet\n" + arguments + b"\x81."))


@pytest.mark.parametrize(
    "reference",
    [
        ("storage", torch.HalfStorage, 0, "cpu", 4),
        ("storage", "TypedStorage", "0", "cpu", 4),
        ("stored", torch.HalfStorage, "0", "cpu", 4),
        ("storage", torch.HalfStorage, "0", "cpu"),
    ],
)
def test_an_invalid_storage_is_refused(tmp_path, module, monkeypatch, reference):
    monkeypatch.setattr(Pickler, "persistent_id", lambda _, thing: reference if isinstance(thing, Storage) else None)
    with pytest.raises(BrokenWeights, match=r"^net.pt has a table of tensors that cannot be read \(ValueError"):
        torchscript_tensors(archive(tmp_path, module(a=Tensor((4,), (1,)))))


def test_an_attribute_whose_name_is_a_number_is_no_tensor(tmp_path, module):
    net = module(a=Tensor((4,), (1,)))
    net.__dict__[5] = Tensor((4,), (1,))
    assert torchscript_tensors(archive(tmp_path, net)).keys() == {"a"}


def test_a_table_in_a_deeper_folder_is_not_the_archives(tmp_path, module):
    path = archive(tmp_path, module(a=Tensor((4,), (1,))))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("net/code/data.pkl", b"other")
    assert torchscript_tensors(path).keys() == {"a"}
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("second/data.pkl", b"other")
    with pytest.raises(BrokenWeights, match="is a zip without a TorchScript model"):
        torchscript_tensors(path)


def test_entries_with_longer_local_headers_are_found(tmp_path, module):
    """TorchScript pads entries to 64 bytes in the extra field, which only the local header has."""
    path, data = tmp_path / "net.pt", torch.arange(4, dtype=torch.float16).numpy().tobytes()
    archive(tmp_path, module(a=Tensor((4,), (1,))))
    with zipfile.ZipFile(path) as source:
        pickled = source.read("net/data.pkl")
    with zipfile.ZipFile(path, "w") as file:
        entry = zipfile.ZipInfo("net/data/0")
        entry.extra = b"FB" + (20).to_bytes(2, "little") + b"Z" * 20
        file.writestr(entry, data)
        file.writestr("net/data.pkl", pickled)
    assert torchscript_tensors(path)["a"].tolist() == [0, 1, 2, 3]


def test_the_table_may_be_as_large_as_the_limit(tmp_path, module, monkeypatch):
    path = archive(tmp_path, module(a=Tensor((4,), (1,))))
    with zipfile.ZipFile(path) as file:
        size = file.getinfo("net/data.pkl").file_size
    monkeypatch.setattr(torchscript, "MAX_PICKLE_BYTES", size)
    assert torchscript_tensors(path).keys() == {"a"}
    monkeypatch.setattr(torchscript, "MAX_PICKLE_BYTES", size - 1)
    with pytest.raises(BrokenWeights, match="is a zip without a TorchScript model"):
        torchscript_tensors(path)
