# SPDX-License-Identifier: GPL-3.0-or-later
"""One of CLIP's towers out of a file, the other left unread.

The file is OpenAI's TorchScript archive, a plain state dict that torch.save wrote, or safetensors; names are
OpenAI's in all of them.
"""

import math
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..weights.errors import BrokenWeights
from ..weights.load import fill
from ..weights.torchscript import is_torchscript
from ..weights.torchscript_tensors import torchscript_tensors
from .clip_image import ClipImage, ClipImageConfig
from .clip_text import ClipText, ClipTextConfig

IMAGE_PREFIX = "visual."
# Three single numbers beside the weights, which the configuration knows.
SIZES = {"input_resolution", "context_length", "vocab_size"}


def is_text_name(name: str) -> bool:
    """Whether a tensor of the official file belongs to the text tower."""
    return name not in SIZES and not is_image_name(name)


def is_image_name(name: str) -> bool:
    """Whether a tensor of the official file belongs to the image tower."""
    return name.startswith(IMAGE_PREFIX)


def load_clip_text(path: Path, device: torch.device, config: ClipTextConfig | None = None) -> ClipText:
    """The text tower of a file, float32, for inference; the image tower's tensors are not read.

    Raises:
        BrokenWeights: The file is damaged, hostile, or does not hold this tower.
    """
    return clip_text_of(clip_tensors(path, is_text_name), device, config)


def load_clip_image(path: Path, device: torch.device, config: ClipImageConfig | None = None) -> ClipImage:
    """The image tower of a file, float32, for inference; the text tower's tensors are not read.

    Raises:
        BrokenWeights: The file is damaged, hostile, or does not hold this tower.
    """
    return clip_image_of(clip_tensors(path, is_image_name), device, config)


def clip_text_of(tensors: Mapping[str, Tensor], device: torch.device, config: ClipTextConfig | None = None) -> ClipText:
    """A text tower filled with tensors of the official names; `logit_scale`, which other layouts lack, may be missing.

    Raises:
        BrokenWeights: A tensor is missing, left over or of another shape.
    """
    with torch.device("meta"):
        network = ClipText(config or ClipTextConfig())
    unused = {"logit_scale": torch.tensor(math.log(1 / 0.07))}
    return fill(network, unused | _floats(tensors), "", device)


def clip_image_of(
    tensors: Mapping[str, Tensor], device: torch.device, config: ClipImageConfig | None = None
) -> ClipImage:
    """An image tower filled with tensors of the official names, `visual.` included.

    Raises:
        BrokenWeights: A tensor is missing, left over or of another shape.
    """
    with torch.device("meta"):
        network = ClipImage(config or ClipImageConfig())
    return fill(network, _floats(tensors), IMAGE_PREFIX, device)


def clip_tensors(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    """The tensors of a file whose names are wanted, on the CPU, in the file's precision, read when they are used.

    Raises:
        BrokenWeights: The file is missing, damaged or hostile.
    """
    if not path.is_file():
        raise BrokenWeights(f"CLIP's weights are not at {path}. Download them, or choose the file that you have.")
    if path.suffix == ".safetensors":
        return _safetensors(path, wanted)
    return torchscript_tensors(path, wanted) if is_torchscript(path) else _state_dict(path, wanted)


def _safetensors(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys() if wanted(name)}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise BrokenWeights(f"{path.name} is damaged ({error}). Fetch it again.") from error


def _state_dict(path: Path, wanted: Callable[[str], bool]) -> dict[str, Tensor]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return {name: tensor for name, tensor in found.items() if wanted(name)}
    except (OSError, EOFError, RuntimeError, AttributeError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BrokenWeights(f"{path.name} is no file of tensors that can be read safely ({reason:.120}).") from error


def _floats(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in tensors.items()}
