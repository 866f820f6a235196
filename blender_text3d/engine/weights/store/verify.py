# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file is what the catalogue says: by its makers' hash, or by what it holds where they publish none."""

import hashlib
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from ..catalogue import CheckpointFile
from ..errors import BrokenWeights
from ..formats.contents import contents_of
from ..progress import News

BLOCK_BYTES = 1 << 22


def verify(path: Path, form: CheckpointFile, news: News) -> Generator[News, None, str]:
    """Reads the whole file once; for a file without a published hash, looks at what it holds as well.

    Args:
        path: The file.
        form: What it should be.
        news: What to say while it is read, with the numbers filled in.

    Returns:
        Its SHA-256 in hex.

    Raises:
        BrokenWeights: It is something else.
    """
    size = path.stat().st_size
    if form.size and size != form.size:
        raise BrokenWeights(f"{form.name} has {size:,} bytes and should have {form.size:,}.")
    if not form.sha256:
        check_contents(path, form)
    sha256 = yield from _sha256(path, replace(news, stage="verify", of_bytes=size))
    if form.sha256 and sha256 != form.sha256:
        raise BrokenWeights(f"{form.name} is damaged or another file: its SHA-256 is {sha256}, not {form.sha256}.")
    return sha256


def check_contents(path: Path, form: CheckpointFile) -> None:
    """Compare what a file holds with what the catalogue knows of it.

    Raises:
        BrokenWeights: It is no weights file, or one of another network.
    """
    contents = contents_of(path, form.name)
    missing = [name for name in form.has if name not in contents.shapes]
    foreign = [name for name in form.lacks if name in contents.shapes]
    if missing or foreign:
        what = f"lacks {missing[0]}" if missing else f"holds {foreign[0]}"
        raise BrokenWeights(f"{form.name} belongs to another network: it {what}.")
    count = len(contents.shapes)
    if form.tensors and (count, contents.numbers) != (form.tensors, form.numbers):
        raise BrokenWeights(
            f"{form.name} belongs to another network: it holds {count} tensors of {contents.numbers:,} numbers, not "
            f"{form.tensors} of {form.numbers:,}."
        )
    if contents.numbers < form.numbers:
        raise BrokenWeights(f"{form.name} holds {contents.numbers:,} numbers, and {form.numbers:,} are needed.")


def _sha256(path: Path, news: News) -> Generator[News, None, str]:
    digest, done = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            done += len(block)
            yield replace(news, done_bytes=done)
    return digest.hexdigest()
