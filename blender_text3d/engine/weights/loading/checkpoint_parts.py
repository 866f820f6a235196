# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a checkpoint that are networks of their own, such as one of CLIP's towers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class CheckpointPart:
    """The tensors of a checkpoint that a network takes.

    Attributes:
        prefix: prefix of the official names that the network omits.
        is_in_file: True for the names of this part, in a file of any layout.
    """

    prefix: str
    is_in_file: Callable[[str], bool]


def _is_image_tower(name: str) -> bool:
    """True for CLIP's image tower: "visual." in the official layout, "vision_model." and "visual_projection." else."""
    return name.startswith(("visual.", "vision_model.", "visual_projection."))


GLIDE_TEXT = (
    "transformer.",
    "transformer_proj.",
    "token_embedding.",
    "positional_embedding",
    "padding_embedding",
    "final_ln.",
)
"""First parts of the names of GLIDE's text transformer."""

PARTS: Mapping[str, CheckpointPart] = MappingProxyType(
    {
        "": CheckpointPart("", lambda name: True),
        "text": CheckpointPart("", lambda name: not _is_image_tower(name)),
        "image": CheckpointPart("visual.", _is_image_tower),
        "glide text": CheckpointPart("", lambda name: name.startswith(GLIDE_TEXT)),
        "glide image": CheckpointPart("", lambda name: not name.startswith(GLIDE_TEXT)),
    }
)
