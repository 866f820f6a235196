#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate an object for every prompt in a file, without a window; a second run generates only what is missing.

    blender -b -P scripts/batch_generate.py -- --prompts-file prompts.txt --out here --format blend,glb,ply
    python scripts/batch_generate.py --prompts-file prompts.csv --out here --format glb,obj --size 0.5
    python scripts/batch_generate.py --images-folder photos --out here
    python scripts/batch_generate.py --resume --out here

One prompt per line, or CSV or JSON lines with a column for each setting; lines that start with # are comments. Files
are named after prompt and seed; manifest.json next to them holds the recipe of each. Only .blend needs Blender, or
Python's bpy module. The exit code is 0 if all files exist, 1 if something failed, 2 if the options are invalid.
"""

import argparse
import sys
import time
import traceback
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.batch.flags import PROMPTS_HELP, add_object_flags
from blender_text3d.batch.folders import require_folder
from blender_text3d.batch.prompt_lists.setting_flags import BLEND_SETTINGS, changed_flags
from blender_text3d.client.session import Session
from blender_text3d.environment.paths import default_jobs_dir
from blender_text3d.exports.asset_catalogs import DEFAULT_CATALOG, catalog_path, ensure_catalog
from blender_text3d.exports.formats import PRINT_FORMATS
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import TERMINAL, Failed, Finished, Notice
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import VIEW
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from blender_text3d.system.output_stream import CLOSED_PIPE, discard_output
from scripts.cli.batch_manifest import Manifest, Order, orders_of
from scripts.cli.batch_outputs import FORMATS, batch_formats, formats_of, write_formats
from scripts.cli.batch_sources import Written, read_record, rows_from, write_record
from scripts.cli.batch_table import print_lines, print_table
from scripts.cli.exporter import Exporter, ExportError
from scripts.cli.format_flags import add_print_height, check_formats, print_notice
from scripts.cli.remote_flags import add_remote_flags, relay_of
from scripts.cli.save_outputs import copy_views
from scripts.cli.worker_python import default_python

POLL_EVERY_S = 0.1
FAILED, UNUSABLE, INTERRUPTED = 1, 2, 130
DEFAULT_FORMATS = ("glb",)
MAX_SHOWN = 3
FILE_ERRORS = (ExportError, OSError, ValueError, InvalidJob, RuntimeError)
"""Errors that writing files can raise; RuntimeError comes from Blender's operators."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    if arguments is None:
        arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    options = options_from(arguments)
    try:
        return run(options)
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        return UNUSABLE
    except (InvalidJob, OSError) as error:
        if isinstance(error, BrokenPipeError):
            discard_output()
            return CLOSED_PIPE
        print(sanitized(str(error)), file=sys.stderr)
        return FAILED


def run(options: argparse.Namespace) -> int:
    """Generate what is missing and print the table.

    Raises:
        BadRequest: The options, the list or a folder cannot be used; nothing was started.
        InvalidJob, OSError: The jobs folder or the folder of the files cannot be written.
    """
    relay = relay_of(options)
    orders, outcomes = orders_from(options)
    require_folder(options.out, "--out")
    require_folder(options.jobs_dir, "--jobs-dir")
    manifest = Manifest(options.out)
    write_record(options.out, orders, Written(options.format, options.print_height, options.assets))
    catalog_id = ensure_catalog(options.out, options.assets) if options.assets else ""
    details = details_of(options)
    todo = [one for one in orders if not manifest.has(one, formats_of(one.request, options.format), details)]
    outcomes |= {order.name: "exists" for order in orders if order not in todo}
    session = Session(options.jobs_dir, options.worker_python, max_batch_size=options.batch, is_for_blender=False)
    session.worker.relay = relay
    exporter = Exporter(options.worker_python, options.print_height)
    try:
        outcomes |= generate_all(todo, session, Writer(manifest, exporter, options, catalog_id))
    except KeyboardInterrupt:
        session.cancel_all()
        print("Stopped. Run the same command again to generate the rest.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # nobody reads any more: end the jobs, too
        session.cancel_all()
        while session.jobs:
            session.poll()
            time.sleep(POLL_EVERY_S)
        raise
    finally:
        session.close()
        exporter.close()
    code = print_table(outcomes)
    if options.assets:
        print(f"To see the assets, add {options.out.absolute()} to the Asset Libraries in Preferences > File Paths.")
    return code


def orders_from(options: argparse.Namespace) -> tuple[list[Order], dict[str, str]]:
    """Return the orders of a batch, and the invalid entries with their errors; completes `options.format`.

    Raises:
        BadRequest: There is no valid entry, or the options exclude each other.
    """
    has_source = options.prompts_file is not None or options.images_folder is not None or options.image
    refused: dict[str, str] = {}
    if options.resume and not has_source:
        orders, before = read_record(options.out, FORMATS)
        options.format = options.format or before.formats
        options.assets = options.assets or before.assets
        options.print_height = options.print_height or before.print_height_mm
    else:
        rows, notices = rows_from(options)
        orders, refused = orders_of(rows, options)
        for notice in notices:
            print(sanitized(notice), file=sys.stderr)
    options.format = options.format or DEFAULT_FORMATS
    if not orders:
        places = {error.removeprefix("FAILED "): place for place, error in reversed(refused.items())}
        reasons = [f"{place}: {error}" for error, place in reversed(places.items())]
        raise BadRequest("No entry can be used. " + " ".join(reasons[:MAX_SHOWN]))
    check(orders, options)
    return orders, refused


def check(orders: list[Order], options: argparse.Namespace) -> None:
    """Check that all formats can be written.

    Raises:
        BadRequest: One cannot.
    """
    if "blend" in options.format and "bpy" not in sys.modules and not find_spec("bpy"):
        raise BadRequest("Only Blender, or Python's bpy module, can write .blend: run it as `blender -b -P`.")
    if options.assets:
        options.assets = catalog_path(options.assets)
        if "blend" not in options.format:
            raise BadRequest("--assets only affects .blend: add it to --format.")
    if (flags := changed_flags(options, BLEND_SETTINGS)) and "blend" not in options.format:
        raise BadRequest(f"{' and '.join(flags)} only affect .blend: add it to --format.")
    for output in {order.request.outputs for order in orders}:
        check_formats(options.format, output, options.print_height)
    if notice := print_notice(options.format, {order.request.size_m for order in orders}, options.print_height):
        print(notice, file=sys.stderr)


class Writer(NamedTuple):
    """All that writes the files of ended jobs: manifest, exporter, options and the catalog of assets."""

    manifest: Manifest
    exporter: Exporter
    options: argparse.Namespace
    catalog_id: str


def details_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the files depend on besides their recipes."""
    printed = {"print_height_mm": options.print_height} if set(options.format) & set(PRINT_FORMATS) else {}
    return printed | ({"assets": options.assets} if options.assets else {})


def generate_all(todo: list[Order], session: Session, writer: Writer) -> dict[str, str]:
    """Generate every object; returns the outcome by order name: "made ..." or the reason it failed."""
    jobs_dir = writer.options.jobs_dir
    made = {order: job for order in todo if (job := writer.manifest.finished_job(order, jobs_dir))}
    outcomes = {order.name: outcome_of(job, order, writer) for order, job in made.items()}
    missing = [order for order in todo if order not in made]
    waiting = dict(zip(session.submit(order.request for order in missing), missing, strict=True))
    while waiting:
        for job, event in session.poll():
            if isinstance(event, TERMINAL):
                order = waiting.pop(job)
                outcomes[order.name] = outcome_of(job, order, writer)
                print_lines(f"[{len(outcomes)}/{len(todo)}] {order.name}: {outcomes[order.name]}")
        time.sleep(POLL_EVERY_S)
    return outcomes


def outcome_of(job: JobFolder, order: Order, writer: Writer) -> str:
    """Write the files of a job that ended; if that fails, only this order fails. Further lines are its notices."""
    events = job.events()
    event = events[-1] if events else None
    if isinstance(event, Failed):
        return f"FAILED {event.message} {event.fix}"
    if not isinstance(event, Finished):
        return "FAILED It was canceled. Run the same command again."
    try:
        stem, wanted = writer.options.out / order.name, formats_of(order.request, writer.options.format)
        files = write_formats(job, stem, wanted, writer.exporter, writer.catalog_id)
        if "view_images" in event.files:
            copy_views(job.own_file(event.files["view_images"]), Path(f"{stem}.views"))
        writer.manifest.record(order, job, files, details_of(writer.options))
    except FILE_ERRORS as error:
        return f"FAILED The files could not be written ({error}). The job is in {job.path}."
    counts = f"{event.vertices} vertices, {event.faces} faces, {event.points} points"
    if order.request.outputs == VIEW:
        counts = f"views: {order.request.candidates}"
    notices = [event.message for event in events if isinstance(event, Notice)]
    return "\n".join([f"made in {event.elapsed_s:.1f} s: {counts}", *notices])


def options_from(arguments: list[str]) -> argparse.Namespace:
    """Return the parsed and checked command line."""
    parser = argparse.ArgumentParser(prog="batch_generate.py", description=__doc__.splitlines()[0])
    parser.add_argument("--prompts-file", type=Path, help=PROMPTS_HELP)
    parser.add_argument("--images-folder", type=Path, help="one object for each image in this folder")
    parser.add_argument("--resume", action="store_true", help="complete the batch in --out; needs no list")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--format", type=batch_formats, help=f"comma-separated: {', '.join(FORMATS)} (glb)")
    add_print_height(parser)
    parser.add_argument(
        "--assets",
        nargs="?",
        const=DEFAULT_CATALOG,
        metavar="CATALOG",
        help=f"mark the objects in .blend as assets of a catalog ({DEFAULT_CATALOG})",
    )
    add_object_flags(parser, default_seed=1)
    add_remote_flags(parser)
    parser.add_argument(
        "--worker-python", type=Path, default=default_python(), help="Python of the worker (%(default)s)"
    )
    parser.add_argument("--jobs-dir", type=Path, default=default_jobs_dir(), help="job folder (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        exit_code = main()
    except Exception:  # Blender would print it and exit with 0
        traceback.print_exc()
        exit_code = 1
    sys.exit(exit_code)
