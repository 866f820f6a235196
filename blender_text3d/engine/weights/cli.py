# SPDX-License-Identifier: GPL-3.0-or-later
"""Command line to list, fetch, check, import and remove weights."""

import argparse
import os
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TypeVar

from ...system.hub_names import PREFIX, is_hub_name
from ...system.user_folders import default_mirror, default_weights_dir
from .catalogue import CHECKPOINTS, REQUIRED_CHECKPOINTS, Checkpoint
from .cli_output import Console
from .download.fetch import fetch
from .download.import_folder import import_folder
from .errors import BrokenWeights, DownloadFailed, NoSource
from .hub.card import read_card
from .hub.fetch import fetch_pipeline, remove_pipeline
from .progress import ProgressUpdate
from .remove import remove
from .store.local_files import ensure_verified, find_local, missing
from .store.verified_stamp import stamp_path

OK, FAILED, USAGE_ERROR, INTERRUPTED = 0, 1, 2, 130
NAMES = "models, with all checkpoints that they need, or checkpoints; hub:OWNER/NAME for a diffusers pipeline"
INCLUDED = "mini/"
"""Models with names of this form come with the add-on."""
Result = TypeVar("Result")


def run(arguments: Sequence[str] | None, console_type: type[Console] = Console) -> int:
    """Run a command line.

    Returns:
        Exit code: 0 done, 1 something is missing, broken or could not be downloaded, 2 usage error, 130 Ctrl+C.
    """
    options = _parser().parse_args(arguments)
    console = console_type(as_json=options.json)
    try:
        return ACTIONS[options.action](options, console)
    except UnknownName as error:
        console.show_error(str(error))
        return USAGE_ERROR
    except (DownloadFailed, BrokenWeights) as error:
        console.show_error(str(error))
        return FAILED
    except KeyboardInterrupt:
        console.show_error("Stopped. The partial download is kept and will be resumed.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader has exited, as `head` does
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return INTERRUPTED
    except OSError as error:
        console.show_error(
            f"{error.filename or options.dir} cannot be used ({error.strerror}). Choose another folder with --dir."
        )
        return FAILED


class UnknownName(Exception):
    """No model or checkpoint has this name."""


def checkpoints_named(names: Sequence[str]) -> list[Checkpoint]:
    """Return the named checkpoints, each once; a model's name means all checkpoints that it needs.

    Args:
        names: Names of models or checkpoints; all checkpoints if empty.

    Raises:
        UnknownName: A name is neither.
    """
    found: dict[str, None] = {} if names else dict.fromkeys(CHECKPOINTS)
    for name in names:
        if name not in REQUIRED_CHECKPOINTS and name not in CHECKPOINTS:
            raise UnknownName(unknown_name(name))
        found |= dict.fromkeys(REQUIRED_CHECKPOINTS.get(name, (name,)))
    return [CHECKPOINTS[name] for name in found]


def unknown_name(name: str) -> str:
    """Return the sentence about a name that is neither a model with checkpoints nor a checkpoint."""
    if name.startswith(INCLUDED):
        return f"The model {name} is included with the add-on. There is nothing to download."
    names = dict.fromkeys([*CHECKPOINTS, *REQUIRED_CHECKPOINTS])
    return f"There is no model or checkpoint {name}. Choose from {', '.join(names)}."


def hub_names_first(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names that begin with "hub:", without it, and the others.

    Raises:
        UnknownName: One of the first is not a hub name.
    """
    hub = [name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)]
    if wrong := [name for name in hub if not is_hub_name(name)]:
        raise UnknownName(f"{PREFIX}{wrong[0]} is not a hub name. Write it as {PREFIX}owner/name.")
    return hub, [name for name in names if not name.startswith(PREFIX)]


def _list(options: argparse.Namespace, console: Console) -> int:
    chosen = checkpoints_named(options.names)
    console.show_table([(checkpoint, find_local(checkpoint, options.dir)) for checkpoint in chosen], options.dir)
    return OK


def _missing(options: argparse.Namespace, console: Console) -> int:
    absent = missing([checkpoint.name for checkpoint in checkpoints_named(options.names)], options.dir)
    console.show_table([(checkpoint, None) for checkpoint in absent], options.dir)
    return FAILED if absent else OK


def _where(options: argparse.Namespace, console: Console) -> int:
    console.show_folder(options.dir)
    return OK


def _card(options: argparse.Namespace, console: Console) -> int:
    """Show what the hub says of pipelines: license and size. Downloads none of their files."""
    for name in options.names:
        console.show_hub_card(read_card(name.removeprefix(PREFIX)))
    return OK


def _fetch(options: argparse.Namespace, console: Console) -> int:
    hub_names, names = hub_names_first(options.names)
    code = OK
    for name in hub_names:
        card = read_card(name)
        if not options.accept_license:
            console.show_hub_card(card)
            console.show_error(f"Read the license of {name}, and add --accept-license to download it.")
            code = FAILED
            continue
        _run_steps(fetch_pipeline(card, options.dir), console)
    for checkpoint in checkpoints_named(names) if names else ():
        if find_local(checkpoint, options.dir) is None:
            console.show_model_card(checkpoint)
        try:
            _run_steps(fetch(checkpoint, options.dir, mirror=options.mirror), console)
        except NoSource as error:
            console.show_error(str(error))
            code = FAILED
    return code


def _check(options: argparse.Namespace, console: Console) -> int:
    """Verify every local file again, without trusting its stamp."""
    code = OK
    for checkpoint in checkpoints_named(options.names):
        local = find_local(checkpoint, options.dir)
        if local is None:
            continue
        stamp_path(local.path).unlink(missing_ok=True)
        local = find_local(checkpoint, options.dir) or local
        try:
            verified = _run_steps(ensure_verified(local, checkpoint.name), console)
        except BrokenWeights as error:
            console.show_error(str(error))
            code = FAILED
            continue
        message = f"{verified.path} {verified.sha256}"
        console.show(ProgressUpdate("ready", checkpoint.name, message, verified.size, verified.size))
    return code


def _import(options: argparse.Namespace, console: Console) -> int:
    imported = _run_steps(import_folder(options.folder, checkpoints_named(options.names), options.dir), console)
    if not imported:
        console.show_error(f"{options.folder} contains no missing weights.")
    return OK if imported else FAILED


def _remove(options: argparse.Namespace, console: Console) -> int:
    hub_names, names = hub_names_first(options.names)
    for name in hub_names:
        freed = remove_pipeline(name, options.dir)
        console.show(ProgressUpdate("removed", name, f"{freed / 1e6:,.0f} MB freed", freed, freed))
    for checkpoint in checkpoints_named(names) if names else ():
        freed = remove(checkpoint, options.dir)
        console.show(ProgressUpdate("removed", checkpoint.name, f"{freed / 1e6:,.0f} MB freed", freed, freed))
    return OK


def _run_steps(steps: Generator[ProgressUpdate, None, Result], console: Console) -> Result:
    """Show all updates of an operation and return its result."""
    while True:
        try:
            console.show(next(steps))
        except StopIteration as done:
            return done.value


ACTIONS = {
    "list": _list, "missing": _missing, "where": _where, "fetch": _fetch, "check": _check, "import": _import,
    "remove": _remove, "card": _card,
}  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="weights.py", description="Manage the official models' weights.")
    parser.add_argument("--dir", type=Path, default=default_weights_dir(), help="weights folder (%(default)s)")
    parser.add_argument("--mirror", default=default_mirror(), help="your own source, tried first: URL or folder")
    parser.add_argument("--json", action="store_true", help="write JSON lines to stdout")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    helps = {
        "list": "list all checkpoints and which are on this machine",
        "missing": "list missing checkpoints; exit code 1 if there are any",
        "where": "print the weights folder",
        "fetch": "download",
        "check": "verify the local files again",
        "import": "import files from a folder, without a network",
        "remove": "delete files from the disk",
        "card": "show the license and the size of a diffusers pipeline on the hub",
    }
    for action, text in helps.items():
        sub = actions.add_parser(action, help=text)
        if action == "import":
            sub.add_argument("folder", type=Path, help="folder with the files, searched with its subfolders")
        if action != "where":
            count = "+" if action in ("fetch", "remove", "card") else "*"
            sub.add_argument("names", nargs=count, help=NAMES)
        if action == "fetch":
            sub.add_argument("--accept-license", action="store_true", help="agree to the license of a pipeline")
    return parser
