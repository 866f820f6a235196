# SPDX-License-Identifier: GPL-3.0-or-later
"""Flags of command lines that make many objects, with their checks."""

import argparse
from functools import partial
from pathlib import Path

from ..client.offers import MAX_JOBS_PER_OFFER
from .failures import MAX_ATTEMPTS
from .prompt_lists.selection import add_selection_flags
from .prompt_lists.setting_flags import add_setting_flags

PROMPTS_HELP = "one prompt per line, or CSV or JSON lines with a column for each setting; - reads standard input"
JOBS_HELP = (
    "make the objects of a list of prompts (text, CSV or JSON lines) that --out lacks, one folder each; several "
    "processes may share --out"
)
FINISH_HELP = "with --jobs, pack the rest into a shard and write the manifest, however many objects there are"
ACCEPT_HELP = "with --jobs, exit with 0 if every failure is final (the third one of an object)"
OPENJD_HELP = "with --jobs, print the progress in the format of Open Job Description"
KEEP_JOBS_HELP = "with --jobs, also put the job of each object that is made into this jobs folder, such as Blender's"
JUDGE_HELP = "with --jobs, add the kind and color that the small image model sees in each picture to the manifest"
RETRY_HELP = f"with --jobs, try objects again that failed {MAX_ATTEMPTS} times"
SHARDS_HELP = "with --jobs, move every N finished objects to a tar shard; 0 for never (1000, beyond 10,000 objects)"
BATCH_HELP = "objects per batch, if they share model, steps and guidance (1 on a CPU)"
WORKERS_HELP = "with --jobs, number of processes that make objects (one per GPU, or per core for the small models)"
PYTHON_VARIABLE = "TEXT3D_WORKER_PYTHON"
MAX_WORKERS = 1024
DEFAULT_SHARD_SIZE, MAX_SHARD_SIZE = 1000, 100_000


def add_chunk_flags(parser: argparse.ArgumentParser, *, is_required: bool = False) -> None:
    """Add the flags of chunks."""
    parser.add_argument("--jobs", type=Path, metavar="LIST", required=is_required, help=JOBS_HELP)
    add_selection_flags(parser)
    parser.add_argument("--latents", action="store_true", help="with --jobs, keep the latents")
    parser.add_argument("--judge", action="store_true", help=JUDGE_HELP)
    parser.add_argument("--retry-failed", action="store_true", help=RETRY_HELP)
    parser.add_argument(
        "--shards",
        nargs="?",
        const=DEFAULT_SHARD_SIZE,
        type=shard_size,
        metavar="N",
        help=SHARDS_HELP,
    )
    parser.add_argument("--keep-jobs", type=Path, metavar="DIR", help=KEEP_JOBS_HELP)
    count = partial(number, highest=MAX_WORKERS)
    parser.add_argument("--workers", type=count, metavar="N", help=WORKERS_HELP)
    parser.add_argument("--finish", action="store_true", help=FINISH_HELP)
    parser.add_argument("--accept-final-failures", action="store_true", help=ACCEPT_HELP)
    parser.add_argument("--openjd", action="store_true", help=OPENJD_HELP)


def add_object_flags(parser: argparse.ArgumentParser, default_seed: int | None = None) -> None:
    """Add the flags of objects: seed, count, batch and the settings of requests."""
    shown = "random" if default_seed is None else default_seed
    parser.add_argument(
        "--seed", type=int, default=default_seed, help=f"seed of the first object; the others count up ({shown})"
    )
    parser.add_argument("--count", type=int, default=1, help="objects per prompt (%(default)s)")
    add_setting_flags(parser)
    parser.add_argument("--batch", type=batch_size, help=BATCH_HELP)


def shard_size(text: str) -> int:
    """Parse the number of objects per shard; 0 for no shards."""
    return number(text, MAX_SHARD_SIZE, lowest=0)


def batch_size(text: str) -> int:
    """Parse the number of objects per batch, from 1."""
    return number(text, MAX_JOBS_PER_OFFER)


def number(text: str, highest: int, lowest: int = 1) -> int:
    """Parse a number in a range.

    Raises:
        ArgumentTypeError: It is none.
    """
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {lowest} to {highest}")
    return int(text)
