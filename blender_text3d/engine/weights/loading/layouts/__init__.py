# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the tensor names and order of other libraries to the official ones."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from torch import Tensor

from ...catalogue import DIFFUSERS, OFFICIAL, TRANSFORMERS, TRANSMITTER
from .diffusers import from_diffusers
from .official import from_official, from_transmitter
from .transformers import from_transformers

__all__ = ["TO_OFFICIAL"]

TO_OFFICIAL: Mapping[str, Callable[[dict[str, Tensor], int], dict[str, Tensor]]] = MappingProxyType(
    {
        OFFICIAL: from_official,
        TRANSMITTER: from_transmitter,
        DIFFUSERS: from_diffusers,
        TRANSFORMERS: from_transformers,
    }
)
