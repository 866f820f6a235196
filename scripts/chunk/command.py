# SPDX-License-Identifier: GPL-3.0-or-later
"""generate.py --jobs: make what a chunk lists; a second run makes what is missing."""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.system.console import sanitized
from scripts.cli.folders import require_folder
from scripts.cli.prompt_list import read_prompt_list

if TYPE_CHECKING:
    from scripts.chunk.make_chunk import Outcome
    from scripts.chunk.object_store import ObjectStore
    from scripts.chunk.orders import Chunk

JOBS_HELP = "make what such a list has and --out lacks, one folder an object, which several processes may fill at once"
FINISH_HELP = "with --jobs, pack the rest in a shard and write the manifest, however many objects there are"
DEFAULT_SHARD_SIZE, MAX_SHARD_SIZE = 1000, 100_000
FAILED_CODE, INTERRUPTED = 1, 130
DEFAULT_SEED = 1
"""A random one would make other objects in the second run."""
REQUIRED_MODULES = ("numpy", "PIL", "scipy")
EXCLUDED = ("prompt", "prompts_file", "compare", "live", "format", "steps_out", "previews")
"""Options that have no effect on a chunk."""


def add_chunk_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of chunks."""
    parser.add_argument("--jobs", type=Path, help=JOBS_HELP)
    parser.add_argument("--latents", action="store_true", help="with --jobs, keep the latents")
    parser.add_argument(
        "--shards",
        nargs="?",
        const=DEFAULT_SHARD_SIZE,
        type=shard_size,
        metavar="N",
        help="with --jobs, move every N finished objects to a tar shard (%(const)s)",
    )
    parser.add_argument("--finish", action="store_true", help=FINISH_HELP)


def shard_size(text: str) -> int:
    """Parse the number of objects per shard, from 1."""
    if not text.isdecimal() or not 1 <= int(text) <= MAX_SHARD_SIZE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MAX_SHARD_SIZE}")
    return int(text)


def run_chunk(options: argparse.Namespace, arguments: Sequence[str], python: Path) -> int:
    """Make what the chunk lists, in the worker's Python; returns the exit code.

    Raises:
        BadRequest: The chunk, an option or the folder cannot be used; nothing was started.
    """
    check_options(options)
    if all(map(find_spec, REQUIRED_MODULES)):
        return make(options, python)
    script = Path(__file__).parents[1] / "generate.py"
    try:
        return subprocess.call([str(python), "-B", str(script), *arguments])
    except OSError as error:
        raise BadRequest(f"{python} cannot be run ({error.strerror}). Run Set Up, or name another --python.") from error


def check_options(options: argparse.Namespace) -> None:
    """Check that the options fit a chunk.

    Raises:
        BadRequest: One does not.
    """
    if given := next((name for name in EXCLUDED if getattr(options, name)), ""):
        named = "prompts" if given == "prompt" else f"--{given.replace('_', '-')}"
        raise BadRequest(f"--jobs takes no {named}. Leave one of them out.")
    if options.out is None:
        raise BadRequest("--jobs needs a folder for the objects. Add --out FOLDER.")
    require_folder(options.out, "--out")
    if options.seed is None:
        options.seed = DEFAULT_SEED


def make(options: argparse.Namespace, python: Path) -> int:
    """Make what the chunk lists; what stops it is one sentence on stderr. Returns the exit code.

    Raises:
        BadRequest: The chunk or the folder cannot be used.
    """
    try:
        return make_chunk(options, python)
    except KeyboardInterrupt:
        say("Stopped. Run the same command again to make the rest.")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except InvalidJob as error:
        say(f"{error} Finished objects are kept.")
    except OSError as error:
        say(f"{options.out} cannot be written ({error}). Finished objects are kept: run the same command again.")
    return FAILED_CODE


def make_chunk(options: argparse.Namespace, python: Path) -> int:
    """Make what the chunk lists, pack it, write the manifest and report; returns the exit code.

    Raises:
        BadRequest: The chunk or the folder cannot be used.
        InvalidJob, OSError: The folder cannot be written, or the worker cannot run.
    """
    from scripts.chunk.make_chunk import MADE, ChunkMaker
    from scripts.chunk.manifest import checked_path, update_manifest
    from scripts.chunk.object_store import ObjectStore
    from scripts.chunk.orders import chunk_of

    prompts, store = read_prompt_list(options.jobs), ObjectStore(options.out)
    checked_path(store)
    for sentence in [*prompts.notices, *store.mend()]:
        say(sentence)
    chunk = chunk_of(prompts.rows, options)
    report = Report(chunk, store, is_json=options.json)
    with ChunkMaker(store, python, max_batch_size=options.batch, has_latent=options.latents) as maker:
        for outcome in maker.make(chunk.orders):
            report.add(outcome)
            if options.shards and outcome.state == MADE and report.made % options.shards == 0:
                store.pack(options.shards)
    if options.shards:
        store.pack(options.shards, has_rest=options.finish)
    if notice := update_manifest(store, is_last=options.finish):
        say(notice)
    return report.end()


class Report:
    """Lines about a chunk: sentences on stderr; on stdout folders of objects, or JSON lines.

    Args:
        chunk: The chunk, whose unusable lines are told first.
        store: The folder of objects.
        is_json: True for JSON lines.
    """

    def __init__(self, chunk: "Chunk", store: "ObjectStore", *, is_json: bool) -> None:
        self._chunk, self._store, self._is_json = chunk, store, is_json
        self._counts: Counter[str] = Counter()
        for place, reason in chunk.refused.items():
            say(f"{place}: {reason}")
            self._show({"place": place, "state": "refused", "reason": reason})
        for place, first in chunk.repeated.items():
            say(f"{place}: The same object as {first}, made once.")

    @property
    def made(self) -> int:
        """Number of objects that were made."""
        return self._counts["made"]

    def add(self, outcome: "Outcome") -> None:
        """Tell what became of an object."""
        order, state = outcome.order, outcome.state
        self._counts[state] += 1
        count = f"[{self._counts.total()}/{len(self._chunk.orders)}]"
        took = f" in {outcome.seconds:.1f} s" if outcome.seconds else ""
        name = f"{order.request.prompt} ({order.request.seed})"
        say(f"{count} {order.place}: {name} {state}{took} {outcome.reason}".strip())
        values = {"id": order.object_id, "place": order.place, "state": state, "reason": outcome.reason}
        self._show({**values, "seconds": outcome.seconds}, str(self._store.folder_of(order.object_id)))

    def end(self) -> int:
        """Tell the counts; returns the exit code."""
        failed = self._counts["failed"] + len(self._chunk.refused)
        made, others = self._counts["made"], self._counts["exists"] + self._counts["gave way"]
        say(f"{made} made, {others} existed, {len(self._chunk.repeated)} repeated, {failed} failed")
        return FAILED_CODE if failed else 0

    def _show(self, values: dict[str, Any], folder: str = "") -> None:
        if self._is_json:
            print(json.dumps(values, ensure_ascii=False), flush=True)
        elif folder and Path(folder).is_dir():  # neither failed nor packed in a shard
            print(folder, flush=True)


def say(text: str) -> None:
    """Print a sentence to stderr."""
    print(sanitized(text), file=sys.stderr, flush=True)
