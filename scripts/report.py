#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write one HTML file about the objects of a batch, a chunk or a jobs folder; it opens offline in any browser.

    python scripts/report.py out
    python scripts/report.py ~/jobs --out report.html

The folder is one that batch_generate.py or generate.py --jobs wrote, or a jobs folder. The file has a contact sheet
with search and filters, failures with their reasons, histograms, and the recipe of each object to copy. Pictures,
seconds and reasons of a batch are read from the jobs folder, if its jobs still exist. The exit code is 0 if the file
was written, 1 if it cannot be written, 2 if the folder has no results.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.environment.paths import default_jobs_dir
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from scripts.cli.report_batch import batch_rows, is_batch
from scripts.cli.report_chunk import chunk_rows, is_chunk
from scripts.cli.report_jobs import is_jobs_folder, job_rows
from scripts.cli.report_page import write_report
from scripts.cli.report_pictures import has_pillow
from scripts.cli.report_row import ReportRow

FAILED, UNUSABLE = 1, 2
NAME = "report.html"
NO_RESULTS = (
    "{} has no results: neither a manifest.json of a batch, nor objects of a chunk, nor jobs. "
    "Name the folder of a batch, a chunk or jobs."
)
MIN_PICTURE, MAX_PICTURE = 16, 256


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    path = options.out or options.folder / NAME
    try:
        rows = rows_of(options)
        if (first := next(rows, None)) is None:
            raise BadRequest(NO_RESULTS.format(options.folder))
        summary = write_report(path, chain([first], rows), options.folder, options.picture_size)
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(
            sanitized(f"{path} cannot be written ({error.strerror}). Choose another file with --out."), file=sys.stderr
        )
        return FAILED
    if not has_pillow():
        print("Pillow is not installed, so the pictures are as large as in the jobs.", file=sys.stderr)
    megabytes = path.stat().st_size / 1e6
    print(sanitized(f"{path}: {summary.objects} objects, {summary.failures} failed, {megabytes:.1f} MB"))
    return 0


def rows_of(options: argparse.Namespace) -> Iterator[ReportRow]:
    """Return the rows of the folder.

    Raises:
        BadRequest: There is no such folder, it cannot be read, or it has no results.
    """
    folder = options.folder
    if not folder.is_dir():
        raise BadRequest(f"There is no folder {folder}. Name one that batch_generate.py wrote, or a jobs folder.")
    if is_chunk(folder):
        return chunk_rows(folder)
    if is_batch(folder):
        return batch_rows(folder, options.jobs_dir)
    try:
        has_jobs = is_jobs_folder(folder)
    except OSError as error:
        raise BadRequest(f"The folder {folder} cannot be read ({error.strerror}). Check its permissions.") from error
    if not has_jobs:
        raise BadRequest(NO_RESULTS.format(folder))
    return job_rows(folder)


def picture_size(text: str) -> int:
    """Parse the longest side of a picture in pixels.

    Raises:
        ArgumentTypeError: It is out of range.
    """
    if not text.isdecimal() or not MIN_PICTURE <= int(text) <= MAX_PICTURE:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {MIN_PICTURE} to {MAX_PICTURE}")
    return int(text)


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="report.py", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR", help="folder of a batch, a chunk or jobs")
    parser.add_argument("--out", type=Path, metavar="FILE", help=f"file to write (DIR/{NAME})")
    parser.add_argument(
        "--picture-size", type=picture_size, default=128, metavar="N", help="side of the pictures (%(default)s)"
    )
    parser.add_argument("--jobs-dir", type=Path, default=default_jobs_dir(), help="jobs of a batch (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
