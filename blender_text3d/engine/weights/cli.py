# SPDX-License-Identifier: GPL-3.0-or-later
"""The weights' command line: what can be asked, and what it does."""

import argparse
import os
import sys
from collections.abc import Generator, Sequence
from pathlib import Path

from ...system.user_folders import default_mirror, default_weights_dir
from .catalogue import CHECKPOINTS, NEEDS, Checkpoint
from .cli_output import Console
from .download.fetch import fetch
from .download.import_folder import import_folder
from .errors import BrokenWeights, DownloadFailed, NoSource
from .progress import News
from .remove import remove
from .store.local_files import LocalCheckpoint, ensure_verified, find, missing
from .store.verified_stamp import stamp_path

FINE, FAILED, WRONG_USE, STOPPED = 0, 1, 2, 130


def run(arguments: Sequence[str] | None, console_type: type[Console] = Console) -> int:
    """Do what a command line says.

    Returns:
        Exit code: 0 done, 1 something is missing, broken or could not be fetched, 2 wrong use, 130 stopped by Ctrl+C.
    """
    options = _parser().parse_args(arguments)
    console = console_type(as_json=options.json)
    try:
        return ACTIONS[options.action](options, console)
    except UnknownName as error:
        console.fail(str(error))
        return WRONG_USE
    except (DownloadFailed, BrokenWeights) as error:
        console.fail(str(error))
        return FAILED
    except KeyboardInterrupt:
        console.fail("Stopped. What has come is kept; the next fetch goes on there.")
        return STOPPED
    except BrokenPipeError:  # who read the output has gone, as `head` does
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return STOPPED
    except OSError as error:
        console.fail(f"{error.filename or options.dir} cannot be used ({error.strerror}). Choose another with --dir.")
        return FAILED


class UnknownName(Exception):
    """Neither a model nor a checkpoint is called this."""


def named(words: Sequence[str]) -> list[Checkpoint]:
    """The checkpoints that names stand for, each once; a model's name stands for all that the model needs.

    Args:
        words: Names of models or of checkpoints; none for everything.

    Raises:
        UnknownName: A word is neither.
    """
    names = {} if words else dict.fromkeys(CHECKPOINTS)
    for word in words:
        if word not in NEEDS and word not in CHECKPOINTS:
            raise UnknownName(f"Nothing is called {word}. There are {', '.join(CHECKPOINTS)}.")
        names |= dict.fromkeys(NEEDS.get(word, (word,)))
    return [CHECKPOINTS[name] for name in names]


def _list(options: argparse.Namespace, console: Console) -> int:
    console.table([(checkpoint, find(checkpoint, options.dir)) for checkpoint in named(options.names)], options.dir)
    return FINE


def _missing(options: argparse.Namespace, console: Console) -> int:
    absent = missing([checkpoint.name for checkpoint in named(options.names)], options.dir)
    console.table([(checkpoint, None) for checkpoint in absent], options.dir)
    return FAILED if absent else FINE


def _where(options: argparse.Namespace, console: Console) -> int:
    console.where(options.dir)
    return FINE


def _fetch(options: argparse.Namespace, console: Console) -> int:
    code = FINE
    for checkpoint in named(options.names):
        if find(checkpoint, options.dir) is None:
            console.introduce(checkpoint)
        try:
            _follow(fetch(checkpoint, options.dir, mirror=options.mirror), console)
        except NoSource as error:
            console.fail(str(error))
            code = FAILED
    return code


def _check(options: argparse.Namespace, console: Console) -> int:
    """Read every file again, whatever its stamp says."""
    code = FINE
    for checkpoint in named(options.names):
        held = find(checkpoint, options.dir)
        if held is None:
            continue
        stamp_path(held.path).unlink(missing_ok=True)
        try:
            good = _follow(ensure_verified(find(checkpoint, options.dir), checkpoint.name), console)
            console.say(News("ready", checkpoint.name, f"{good.path} {good.sha256}", good.size, good.size))
        except BrokenWeights as error:
            console.fail(str(error))
            code = FAILED
    return code


def _import(options: argparse.Namespace, console: Console) -> int:
    imported = _follow(import_folder(options.folder, named(options.names), options.dir), console)
    if not imported:
        console.fail(f"Nothing that is missing was found in {options.folder}.")
    return FINE if imported else FAILED


def _remove(options: argparse.Namespace, console: Console) -> int:
    for checkpoint in named(options.names):
        freed = remove(checkpoint, options.dir)
        console.say(News("removed", checkpoint.name, f"{freed / 1e6:,.0f} MB are free now", freed, freed))
    return FINE


def _follow(
    steps: Generator[News, None, LocalCheckpoint | list[LocalCheckpoint]], console: Console
) -> LocalCheckpoint | list[LocalCheckpoint]:
    while True:
        try:
            console.say(next(steps))
        except StopIteration as done:
            return done.value


ACTIONS = {
    "list": _list, "missing": _missing, "where": _where, "fetch": _fetch, "check": _check, "import": _import,
    "remove": _remove,
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="weights.py", description="The official models' weights on this machine.")
    parser.add_argument("--dir", type=Path, default=default_weights_dir(), help="the weights folder (%(default)s)")
    parser.add_argument("--mirror", default=default_mirror(), help="your own source, asked first: address or folder")
    parser.add_argument("--json", action="store_true", help="everything as JSON lines on stdout")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    helps = {
        "list": "what there is, and what of it is here",
        "missing": "what is not here; exit code 1 if anything is",
        "where": "the weights folder",
        "fetch": "download",
        "check": "read what is here again and compare",
        "import": "take files from a folder instead of the network",
        "remove": "take files off the disk",
    }
    for action, text in helps.items():
        sub = actions.add_parser(action, help=text)
        if action == "import":
            sub.add_argument("folder", type=Path, help="where the files are, folders inside it included")
        if action != "where":
            wanted = "+" if action in ("fetch", "remove") else "*"
            sub.add_argument("names", nargs=wanted, help="models, with all that they need, or single checkpoints")
    return parser
