# SPDX-License-Identifier: GPL-3.0-or-later
"""The precision that a saved pipeline's weights suit."""

import torch

from ..weights.formats.safetensors_header import read_dtypes
from .diffusers_folder import SavedPipeline


def stored_precision(saved: SavedPipeline, wanted: torch.dtype) -> torch.dtype:
    """Return the wanted precision, or bfloat16 in place of float16 for weights that were stored in bfloat16.

    Such weights may have activations beyond the range of float16.

    Args:
        saved: A saved pipeline.
        wanted: float16 or float32.

    Raises:
        BrokenWeights: A weights file has no valid header.
    """
    if wanted != torch.float16 or saved.denoiser is None:
        return wanted
    files = sorted((saved.folder / saved.denoiser).glob("*.safetensors"))
    return torch.bfloat16 if files and "BF16" in read_dtypes(files[0], files[0].name) else wanted
