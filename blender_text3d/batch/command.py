# SPDX-License-Identifier: GPL-3.0-or-later
"""Make what a chunk lists; a second run makes what is missing. Runs in the worker's Python."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path

from ..protocol.errors import InvalidJob
from ..protocol.request import Request
from .core_groups import MAX_COUNTED, can_fork, core_groups
from .folders import require_folder
from .forked_makers import MakerTemplate
from .kept_jobs import deliver_jobs
from .make_chunk import MADE, ChunkMaker
from .manifest import checked_path, prepare_writer, update_manifest
from .object_store import ObjectStore
from .orders import Chunk, ChunkOrder, chunk_of
from .outcome_lines import FAILED_CODE, lines_of, say
from .prompt_lists.prompt_list import read_prompt_list
from .prompt_lists.selection import selected
from .shard_size import shard_size_of
from .termination import termination_as_interrupt
from .weights_notice import notice_of_weights

INTERRUPTED = 130


def make(options: argparse.Namespace, python: Path) -> int:
    """Make what the chunk lists; what stops it is one sentence on stderr. Returns the exit code.

    Raises:
        BadRequest: The chunk or the folder cannot be used.
    """
    require_folder(options.out, "--out")
    try:
        with termination_as_interrupt():
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
    prompts = read_prompt_list(options.jobs, partial(selected, options=options))
    store = ObjectStore(options.out)
    checked_path(store)
    for sentence in [*prompts.notices, *store.repair()]:
        say(sentence)
    chunk = chunk_of(prompts.rows, options)
    if notice := notice_of_weights(options.out, chunk.orders):
        say(notice)
    lines = lines_of(options, chunk, store)
    size = shard_size_of(options.shards, max(len(chunk.orders), prompts.length), store)
    missing = [order.request for order in islice(missing_in(chunk, store), MAX_COUNTED)]
    groups = core_groups(missing, options.workers)
    if len(groups) > 1:
        with template_for(missing, python) as template:
            from .local_command import make_locally  # now, while the template imports PyTorch

            if template:
                prepare_writer()
            return make_locally(
                options, store, chunk, lines, groups=groups, python=python, shard_size=size, template=template
            )
    with maker_of(options, store, python) as maker:
        for outcome in maker.make(chunk.orders):
            lines.add(outcome)
            if options.keep_jobs and outcome.state == MADE:
                deliver_jobs(store.out, options.keep_jobs)
            if size and outcome.state == MADE and lines.made % size == 0:
                store.pack(size)
    if options.keep_jobs:
        deliver_jobs(store.out, options.keep_jobs)  # what a run that was killed has left
    if size:
        store.pack(size, has_rest=options.finish)
    if notice := update_manifest(store, lines.made, is_last=options.finish):
        say(notice)
    return lines.end()


def missing_in(chunk: Chunk, store: ObjectStore) -> Iterator[ChunkOrder]:
    """Return the objects of a chunk that its folder lacks."""
    return (order for order in chunk.orders if not store.has(order.object_id))


@contextmanager
def template_for(requests: Sequence[Request], python: Path) -> Iterator[MakerTemplate | None]:
    """Start the process that makers are forked from, and end it afterwards; None where there can be none."""
    with ExitStack() as cleanup:
        template = None
        if requests and can_fork(requests):
            with suppress(OSError):  # each maker then tells why its worker cannot be started
                template = cleanup.enter_context(closing(MakerTemplate(python, requests[0])))
        yield template


def maker_of(options: argparse.Namespace, store: ObjectStore, python: Path) -> ChunkMaker:
    """Return the maker of a command line's objects.

    Raises:
        OSError: The folder cannot be written.
    """
    return ChunkMaker(
        store,
        python,
        max_batch_size=options.batch,
        has_latent=options.latents,
        keeps_jobs=options.keep_jobs is not None,
        is_judged=options.judge,
        retries_failed=options.retry_failed,
    )
