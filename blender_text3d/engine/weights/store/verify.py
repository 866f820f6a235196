# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare a file with the catalogue: by its published hash, or by its tensors if there is none."""

import hashlib
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from ..catalogue import CheckpointFile
from ..errors import BrokenWeights
from ..formats.contents import read_contents
from ..progress import ProgressUpdate

BLOCK_BYTES = 1 << 22


def verify(path: Path, variant: CheckpointFile, update: ProgressUpdate) -> Generator[ProgressUpdate, None, str]:
    """Read the complete file once; check the tensors of a file without a published hash.

    Args:
        path: The file.
        variant: The catalogue's entry of it.
        update: Template of the updates that are yielded.

    Returns:
        Its SHA-256 in hex.

    Raises:
        BrokenWeights: It is a different file.
    """
    size = path.stat().st_size
    if variant.size and size != variant.size:
        raise BrokenWeights(f"{variant.name} has {size:,} bytes and should have {variant.size:,}.")
    if not variant.sha256:
        check_contents(path, variant)
    sha256 = yield from _sha256(path, replace(update, stage="verify", of_bytes=size))
    if variant.sha256 and sha256 != variant.sha256:
        raise BrokenWeights(
            f"{variant.name} is corrupt or is a different file: its SHA-256 is {sha256}, not {variant.sha256}."
        )
    return sha256


def check_contents(path: Path, variant: CheckpointFile) -> None:
    """Compare a file's tensors with the catalogue.

    Raises:
        BrokenWeights: It is not a weights file, or one of another network.
    """
    contents = read_contents(path, variant.name)
    missing = [name for name in variant.required_tensors if name not in contents.shapes]
    foreign = [name for name in variant.forbidden_tensors if name in contents.shapes]
    if missing or foreign:
        problem = f"lacks {missing[0]}" if missing else f"contains {foreign[0]}"
        raise BrokenWeights(f"{variant.name} belongs to another network: it {problem}.")
    if relative := dict(variant.relatives).get(contents.parameter_count):
        raise BrokenWeights(f"{variant.name} is {relative}.")
    count = len(contents.shapes)
    if variant.tensor_count and (count, contents.parameter_count) != (variant.tensor_count, variant.parameter_count):
        raise BrokenWeights(
            f"{variant.name} belongs to another network: it contains {count} tensors with "
            f"{contents.parameter_count:,} parameters, not {variant.tensor_count} with {variant.parameter_count:,}."
        )
    if contents.parameter_count < variant.parameter_count:
        raise BrokenWeights(
            f"{variant.name} contains {contents.parameter_count:,} parameters, and {variant.parameter_count:,} are "
            "needed."
        )


def _sha256(path: Path, update: ProgressUpdate) -> Generator[ProgressUpdate, None, str]:
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            yield replace(update, done_bytes=done)
    return digest.hexdigest()
