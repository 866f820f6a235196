# SPDX-License-Identifier: GPL-3.0-or-later
"""generate.py --jobs: the command of the package's folder `batch`, in a Python that has its packages."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import blender_text3d
from blender_text3d.batch.__main__ import REQUIRED_MODULES, main
from blender_text3d.environment.paths import default_jobs_dir
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.system.run_module import python_options

EXCLUDED = ("prompt", "prompts_file", "compare", "live", "format", "print_height", "steps_out", "previews", "jobs_dir")
"""Options that have no effect on a chunk."""
CHUNK_ONLY = (
    *("entries", "part", "latents", "judge", "retry_failed", "shards", "keep_jobs", "finish", "accept_final_failures"),
    "openjd",
)
"""Options that have an effect on a chunk only."""


def run_chunk(options: argparse.Namespace, arguments: Sequence[str], python: Path) -> int:
    """Make what the chunk lists; returns the exit code.

    Raises:
        BadRequest: An option cannot be used, or the worker's Python cannot be run; nothing was started.
    """
    check_options(options)
    if all(map(find_spec, REQUIRED_MODULES)):
        return main(arguments)
    try:
        package = Path(blender_text3d.__file__).parent
        return run_instead([str(python), "-B", *python_options(package, "batch"), *arguments])
    except OSError as error:
        raise BadRequest(f"{python} cannot be run ({error.strerror}). Run Set Up, or name another --python.") from error


def require_no_chunk_options(options: argparse.Namespace) -> None:
    """Check that a command without --jobs has no options of chunks.

    Raises:
        BadRequest: It has one.
    """
    if given := next((name for name in CHUNK_ONLY if getattr(options, name)), ""):
        raise BadRequest(f"--{given.replace('_', '-')} needs a list. Add --jobs LIST, or leave it out.")


def run_instead(command: list[str]) -> int:
    """Run another program in place of this one, so that signals of a render farm reach it; returns its exit code.

    Raises:
        OSError: It cannot be run.
    """
    if os.name == "nt":
        return subprocess.call(command)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execvp(command[0], command)


def check_options(options: argparse.Namespace) -> None:
    """Check that the options fit a chunk.

    Raises:
        BadRequest: One does not.
    """
    if given := next(
        (name for name in EXCLUDED if (value := getattr(options, name)) and value != default_jobs_dir()), ""
    ):
        named = "prompts" if given == "prompt" else f"--{given.replace('_', '-')}"
        raise BadRequest(f"--jobs takes no {named}. Leave one of them out.")
    if options.out is None:
        raise BadRequest("--jobs needs a folder for the objects. Add --out FOLDER.")
