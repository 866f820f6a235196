# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the bytes of one source to a partial file: a URL is resumed where it stopped, a local file is copied."""

import http.client
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ..catalogue import CheckpointFile
from ..formats.contents import SIGNATURE_BYTES, signature_problem
from ..progress import ProgressUpdate, RateMeter
from .http import READ_ERRORS, RangeResponse, send_request
from .partial_file import PartialFile, max_bytes, require_free_space
from .retry_policy import RetryPolicy, SourceError, TransientError

Updates = Generator[ProgressUpdate, None, None]
DOWNLOAD_BLOCK_BYTES = 1 << 18
COPY_BLOCK_BYTES = 1 << 22


def download(
    url: str, part: PartialFile, variant: CheckpointFile, update: ProgressUpdate, policy: RetryPolicy
) -> Updates:
    """Download until the partial file is complete, with as many retries as the policy allows.

    Raises:
        SourceError: The source does not give the file.
        DownloadFailed: The file cannot be stored on this disk.
    """
    largest, failures = part.size(), 0
    while True:
        try:
            yield from _download_once(url, part, variant, update, policy)
            return
        except TransientError as error:
            failures = 1 if part.size() > largest else failures + 1
            largest = max(largest, part.size())
            if failures >= policy.max_tries:
                raise SourceError(f"{error}, {failures} times in a row") from error
            yield replace(update, stage="connect", message=f"{error}; retrying", done_bytes=part.size())
        time.sleep(policy.pause_s * 2 ** (failures - 1))


def copy(
    file: Path, part: PartialFile, variant: CheckpointFile, update: ProgressUpdate, policy: RetryPolicy
) -> Updates:
    """Copy a local file from its start; the original is not changed.

    Raises:
        SourceError: The file is missing or cannot be read.
        DownloadFailed: The copy cannot be stored on this disk.
    """
    meter, done = RateMeter(policy.update_every_s), 0
    try:
        size = file.stat().st_size
        if not file.is_file() or size > max_bytes(variant):
            raise SourceError(f"has a wrong file: {file} is too large or not a regular file")
        require_free_space(part.path.parent, size)
        part.start(str(file), "", size)
        with file.open("rb") as original, part.open() as target:
            while block := original.read(COPY_BLOCK_BYTES):
                part.append(target, block)
                done += len(block)
                if meter.is_due():
                    yield meter.update(replace(update, stage="copy"), done, size)
    except FileNotFoundError as error:
        raise SourceError(f"has no {file}") from error
    except OSError as error:
        raise SourceError(f"has a file that cannot be read ({error.strerror or error})") from error


def _download_once(
    url: str, part: PartialFile, variant: CheckpointFile, update: ProgressUpdate, policy: RetryPolicy
) -> Updates:
    part.discard_unless_resumable(url, has_hash=bool(variant.sha256))
    part.was_resumed = part.size() > 0
    response = send_request(url, part.size(), part.validator_for(url), policy.timeout_s)
    if response is None:
        return
    with closing(response.body):
        _check_response(response, url, part, variant)
        require_free_space(part.path.parent, (response.total or variant.expected_bytes) - response.start)
        yield from _write_body(response, part, variant, update, RateMeter(policy.update_every_s))
    if part.size() < (response.total or variant.size):
        raise TransientError(f"closed the connection after {part.size():,} bytes")


def _check_response(response: RangeResponse, url: str, part: PartialFile, variant: CheckpointFile) -> None:
    """Start the partial file from its first byte, or check that the response continues it."""
    if variant.size and response.total and response.total != variant.size:
        _check_start(b"" if response.start == 0 else None, _read_block(response.body))
        raise SourceError(f"has a file of {response.total:,} bytes instead of {variant.size:,}")
    if response.total > max_bytes(variant):
        raise SourceError(f"has a file of {response.total:,} bytes instead of about {variant.expected_bytes:,}")
    if response.start == 0:
        part.start(url, response.validator, response.total)
        return
    before = part.validator_for(url)
    is_other_size = response.total and part.total and response.total != part.total
    if is_other_size or (before and response.validator and before != response.validator):
        part.discard()  # a source that ignores If-Range sends the rest of another version
        raise TransientError("now has a different file")


def _write_body(
    response: RangeResponse, part: PartialFile, variant: CheckpointFile, update: ProgressUpdate, meter: RateMeter
) -> Updates:
    done, of_bytes = response.start, response.total or variant.size
    limit = of_bytes or max_bytes(variant)
    start = b"" if done == 0 else None
    with part.open() as file:
        yield meter.update(update, done, of_bytes)
        while block := _read_block(response.body):
            start = _check_start(start, block)
            done += len(block)
            if done > limit:
                raise SourceError(f"sends more than {limit:,} bytes")
            part.append(file, block)
            if meter.is_due():
                yield meter.update(update, done, of_bytes)
    yield meter.update(update, done, of_bytes)


def _check_start(start: bytes | None, block: bytes) -> bytes | None:
    """Return the first bytes of the file so far, or None once there are enough and they are a weights signature."""
    if start is None:
        return None
    start += block[:SIGNATURE_BYTES]
    if len(start) < SIGNATURE_BYTES:
        return start
    problem = signature_problem(start[:SIGNATURE_BYTES])
    if problem:
        raise SourceError(f"sent a file that {problem}")
    return None


def _read_block(body: http.client.HTTPResponse) -> bytes:
    try:
        return body.read1(DOWNLOAD_BLOCK_BYTES)
    except TimeoutError as error:
        raise TransientError("stopped sending") from error
    except READ_ERRORS as error:
        raise TransientError(f"lost the connection ({type(error).__name__})") from error
