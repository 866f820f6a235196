# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of the user's → a part. The user's own file is left as it is."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from ..catalogue import CheckpointFile
from ..progress import News
from .disk_space import most_bytes, require_free_space
from .partial_file import Part
from .rate import RateMeter
from .retry_policy import RetryPolicy, SourceError
from .writing import opened, write_all

BLOCK_BYTES = 1 << 22


def copy(
    file: Path, part: Part, form: CheckpointFile, news: News, patience: RetryPolicy
) -> Generator[News, None, None]:
    """Copy a file that may be the one that is wanted; always from its start.

    Raises:
        SourceError: It is not there or cannot be read. DownloadFailed: the copy cannot be kept on this disk.
    """
    pace, done = RateMeter(patience.every_s), 0
    try:
        size = file.stat().st_size
        if not file.is_file() or size > most_bytes(form):
            raise SourceError(f"gave a wrong file: {file} is too large or no plain file")
        require_free_space(part.path.parent, size)
        part.begin(str(file), "", size)
        with file.open("rb") as original, opened(part) as target:
            while block := original.read(BLOCK_BYTES):
                write_all(target, block, part)
                done += len(block)
                if pace.is_due():
                    yield pace.news(replace(news, stage="copy"), done, size)
    except FileNotFoundError as error:
        raise SourceError(f"has no {file}") from error
    except OSError as error:
        raise SourceError(f"gave a file that cannot be read ({error.strerror or error})") from error
