# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensors that are assigned to networks: strictly by name and shape, in the network's own dtype and mode."""

import hashlib

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.loading.assign import assign, empty_network
from blender_text3d.engine.weights.loading.checkpoint_parts import PARTS
from blender_text3d.engine.weights.loading.load_tensors import file_sha256, load_float32, load_prefixed

CPU = torch.device("cpu")


class Net(nn.Module):
    """Four numbers, one of each parameter, with names of one letter."""

    def __init__(self, names="abcd"):
        super().__init__()
        for name in names:
            self.register_parameter(name, nn.Parameter(torch.zeros(1)))


def tensors_of(names, size=1):
    return {name: torch.full((size,), float(number)) for number, name in enumerate(names)}


def test_an_empty_network_gets_the_tensors_themselves():
    network, tensors = empty_network(Net), tensors_of("abcd")
    assign(network, tensors, "net.pt")
    assert {name: value.item() for name, value in network.state_dict().items()} == {"a": 0, "b": 1, "c": 2, "d": 3}
    assert network.d.data_ptr() == tensors["d"].data_ptr()


@pytest.mark.parametrize(
    ("tensors", "problem"),
    [
        (tensors_of("abc"), "lacks d"),
        (tensors_of("a"), "lacks b, c, d"),
        (tensors_of(""), "lacks a, b, c and 1 more"),
        (tensors_of("abcde"), "has unexpected e"),
        (tensors_of("abcdihgfe"), "has unexpected e, f, g and 2 more"),
        (tensors_of("abcd") | tensors_of("b", 2), r"has wrong shapes: b \[2\] instead of \[1\]"),
        (tensors_of("abc") | tensors_of("ca", 2) | tensors_of("x"),
         r"lacks d, has unexpected x, has wrong shapes: a \[2\] instead of \[1\], c \[2\] instead of \[1\]"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_listed_by_kind_up_to_three_names_each(tensors, problem):
    network = empty_network(Net)
    with pytest.raises(BrokenWeights, match=f"^net.pt does not fit its network: it {problem}.$"):
        assign(network, tensors, "net.pt")
    assert network.a.is_meta


def test_an_optional_tensor_may_be_left_over_but_not_missing():
    network = empty_network(Net)
    assign(network, tensors_of("abcdx"), "net.pt", {"x", "d"})
    assert network.d.item() == 3
    with pytest.raises(BrokenWeights, match="it lacks d, has unexpected y"):
        assign(empty_network(Net), tensors_of("abcy"), "net.pt", {"x", "d"})


def test_other_devices_are_used_again_after_an_empty_network():
    empty_network(Net)
    assert Net().a.device == CPU


@pytest.mark.parametrize(
    ("part", "prefix", "names"),
    [
        ("", "", {"visual.proj", "visual_projection.weight", "vision_model.a", "text_projection", "revisual.a"}),
        ("text", "", {"text_projection", "revisual.a"}),
        ("image", "visual.", {"visual.proj", "visual_projection.weight", "vision_model.a"}),
    ],
)
def test_a_part_of_clip_has_its_own_names_in_every_layout(part, prefix, names):
    every = {"visual.proj", "visual_projection.weight", "vision_model.a", "text_projection", "revisual.a"}
    assert {name for name in every if PARTS[part].is_in_file(name)} == names
    assert PARTS[part].prefix == prefix


def test_a_shipped_file_is_read_as_float32_with_its_hash(tmp_path):
    path = tmp_path / "net.safetensors"
    in_8_bits = {"b": torch.tensor([4], dtype=torch.int8), "b.scale": torch.tensor([0.5])}
    save_file({"a": torch.tensor([1.5], dtype=torch.float16), **in_8_bits}, path)
    tensors = load_float32(path)
    assert {name: (value.dtype, value.item()) for name, value in tensors.items()} == {
        "a": (torch.float32, 1.5), "b": (torch.float32, 2.0),
    }  # fmt: skip
    assert file_sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()
    path.unlink()
    assert file_sha256(path)  # it is read once


def test_a_shipped_file_that_is_missing_or_corrupt_says_to_reinstall(tmp_path):
    path = tmp_path / "net.safetensors"
    with pytest.raises(BrokenWeights, match=r"net.safetensors cannot be read \(No such .*\)\. Reinstall the add-on"):
        file_sha256(path)
    for content in (None, b"{}"):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(BrokenWeights, match=r"net.safetensors is missing or corrupt \(.*\)\. Reinstall the add"):
            load_float32(path)


def test_a_network_takes_the_tensors_of_its_prefix_for_inference():
    tensors = {f"base.{name}": value for name, value in tensors_of("abcd").items()} | {"other.a": torch.ones(1)}
    network = load_prefixed(Net(), tensors, "base.", CPU)
    assert network.d.item() == 3
    assert not network.training
    assert not network.a.requires_grad
    assert load_prefixed(Net(), tensors_of("abcd"), "", CPU).b.item() == 1


@pytest.mark.parametrize("names", ["abc", "abcde"])
def test_tensors_of_a_prefix_that_do_not_fit_are_named_by_it(names):
    tensors = {f"base.{name}": value for name, value in tensors_of(names).items()}
    with pytest.raises(BrokenWeights, match=r"^The weights do not fit the network base: "):
        load_prefixed(Net(), tensors, "base.", CPU)


def test_the_two_parts_of_glide_have_all_tensors_and_none_in_common():
    text = {"transformer.resblocks.0.ln_1.weight", "final_ln.bias", "positional_embedding", "transformer_proj.bias"}
    picture = {"input_blocks.0.0.weight", "time_embed.0.bias", "out.2.weight", "middle_block.1.encoder_kv.weight"}
    assert {name for name in text | picture if PARTS["glide text"].is_in_file(name)} == text
    assert {name for name in text | picture if PARTS["glide image"].is_in_file(name)} == picture
