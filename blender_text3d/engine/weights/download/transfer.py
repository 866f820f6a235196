# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes of one source → a part on the disk. Cut off, it goes on where it was; the same version, or from the start."""

import http.client
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace

from ..catalogue import CheckpointFile
from ..formats.contents import START_BYTES, problem_of_start
from ..progress import News
from .disk_space import most_bytes, require_free_space
from .http import RangeResponse, send_request
from .partial_file import Part
from .rate import RateMeter
from .retry_policy import RetryPolicy, SourceError, TransientError
from .writing import opened, write_all

BLOCK_BYTES = 1 << 18


def download(
    url: str, part: Part, form: CheckpointFile, news: News, patience: RetryPolicy
) -> Generator[News, None, None]:
    """Fetch until the part is whole, with as many tries as patience has.

    Raises:
        SourceError: The source does not give the file. DownloadFailed: it cannot be kept on this disk.
    """
    most, failures = part.size(), 0
    while True:
        try:
            yield from _stream(url, part, form, news, patience)
            return
        except TransientError as error:
            failures = 1 if part.size() > most else failures + 1
            most = max(most, part.size())
            if failures >= patience.tries:
                raise SourceError(f"{error}, {failures} times in a row") from error
            yield replace(news, stage="connect", message=f"{error}; trying again", done_bytes=part.size())
        time.sleep(patience.pause_s * 2 ** (failures - 1))


def _stream(
    url: str, part: Part, form: CheckpointFile, news: News, patience: RetryPolicy
) -> Generator[News, None, None]:
    part.keep_for(url, is_known=bool(form.sha256))
    part.is_joined = part.size() > 0
    answer = send_request(url, part.size(), part.validator_for(url), patience.timeout_s)
    if answer is None:
        return
    with closing(answer.response):
        _agree(answer, url, part, form)
        require_free_space(part.path.parent, (answer.total or form.about_bytes) - answer.start)
        yield from _received(answer, part, form, news, RateMeter(patience.every_s))
    if part.size() < (answer.total or form.size):
        raise TransientError(f"cut the file off after {part.size():,} bytes")


def _agree(answer: RangeResponse, url: str, part: Part, form: CheckpointFile) -> None:
    """Begin the part anew, or see that the rest belongs to what is here."""
    if form.size and answer.total and answer.total != form.size:
        _looked_at(b"" if answer.start == 0 else None, _block(answer.response))
        raise SourceError(f"offers {answer.total:,} bytes where {form.size:,} are expected")
    if answer.total > most_bytes(form):
        raise SourceError(f"offers {answer.total:,} bytes where about {form.about_bytes:,} are expected")
    if answer.start == 0:
        part.begin(url, answer.validator, answer.total)
        return
    before = part.validator_for(url)
    is_other_size = answer.total and part.total and answer.total != part.total
    if is_other_size or (before and answer.validator and before != answer.validator):
        part.discard()
        raise TransientError("has another file now than before")


def _received(
    answer: RangeResponse, part: Part, form: CheckpointFile, news: News, pace: RateMeter
) -> Generator[News, None, None]:
    done, of_bytes = answer.start, answer.total or form.size
    most = of_bytes or most_bytes(form)
    start = b"" if done == 0 else None
    with opened(part) as file:
        yield pace.news(news, done, of_bytes)
        while block := _block(answer.response):
            start = _looked_at(start, block)
            done += len(block)
            if done > most:
                raise SourceError(f"sends more than {most:,} bytes")
            write_all(file, block, part)
            if pace.is_due():
                yield pace.news(news, done, of_bytes)
    yield pace.news(news, done, of_bytes)


def _looked_at(start: bytes | None, block: bytes) -> bytes | None:
    """The file's first bytes so far; None once there were enough of them to see that it may hold weights."""
    if start is None:
        return None
    start += block[:START_BYTES]
    if len(start) < START_BYTES:
        return start
    problem = problem_of_start(start[:START_BYTES])
    if problem:
        raise SourceError(f"gave something that {problem}")
    return None


def _block(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(BLOCK_BYTES)
    except TimeoutError as error:
        raise TransientError("stopped sending") from error
    except (OSError, http.client.HTTPException) as error:
        raise TransientError(f"broke off ({type(error).__name__})") from error
