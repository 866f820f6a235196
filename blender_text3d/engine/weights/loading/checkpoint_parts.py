# SPDX-License-Identifier: GPL-3.0-or-later
"""A network may be a part of its checkpoint: one of CLIP's towers. The other part stays on the disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Part:
    """Which tensors of a checkpoint a network takes.

    Attributes:
        prefix: what the network leaves out of the official names.
        is_in_file: whether a tensor is of this part, by its name in a file of any layout.
    """

    prefix: str
    is_in_file: Callable[[str], bool]


def _is_of_images(name: str) -> bool:
    """CLIP's image tower: "visual." in the official layout, "vision_model." and "visual_projection." on the hub."""
    return name.startswith(("visual.", "vision_model.", "visual_projection."))


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "": Part("", lambda name: True),
        "text": Part("", lambda name: not _is_of_images(name)),
        "image": Part("visual.", _is_of_images),
    }
)
