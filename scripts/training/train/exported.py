# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights files, written atomically and with the same bytes for the same tensors."""

from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor


def half(state: dict[str, Tensor], prefix: str = "") -> dict[str, Tensor]:
    """Return the tensors of a network in float16, their names with a prefix."""
    return {f"{prefix}{name}": tensor.half().contiguous() for name, tensor in state.items()}


def write_weights(tensors: dict[str, Tensor], path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write a weights file and print its size.

    Args:
        tensors: name -> tensor on the CPU; safetensors sorts them.
        path: the file; its folder must exist.
        metadata: at most one text, since safetensors writes several in random order.

    Raises:
        ValueError: there are several texts.
    """
    if metadata is not None and len(metadata) > 1:
        raise ValueError(f"{path.name} would have {len(metadata)} texts as metadata. Join them into one.")
    part = path.with_suffix(".part")
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, part, metadata=metadata)
    part.chmod(0o644)
    part.replace(path)
    print(f"{path}: {path.stat().st_size / 2**20:.2f} MiB")
