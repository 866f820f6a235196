# SPDX-License-Identifier: GPL-3.0-or-later
"""Make what a list has and a folder lacks, on all cores and GPUs of this machine or of a Ray cluster.

python -m blender_text3d.batch.cluster --jobs list.jsonl --out objects
python -m blender_text3d.batch.cluster --jobs list.jsonl --out /shared/objects --address 10.0.0.5:6379
"""

import argparse
import math
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from ...protocol.errors import BadRequest
from ...system.console import sanitized, use_lossy_console_encoding
from ...system.output_stream import CLOSED_PIPE, discard_output
from ..__main__ import DEFAULT_SEED, UNUSABLE, require_packages
from ..flags import PYTHON_VARIABLE, add_chunk_flags, add_object_flags, number

DEFAULT_DEADLINE_S = 900.0
DEFAULT_RECYCLE_AFTER = 500
MAX_ACTORS = 100_000
ADDRESS_HELP = "a cluster's address, such as 10.0.0.5:6379, or auto for the one of this machine ($RAY_ADDRESS, or none)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    try:
        require_packages()
        from .command import make

        return make(options)
    except BadRequest as error:
        sys.stderr.write(f"{sanitized(str(error))}\n")
        return UNUSABLE
    except BrokenPipeError:
        discard_output()
        return CLOSED_PIPE


def options_from(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m blender_text3d.batch.cluster", description=__doc__.splitlines()[0])
    add_chunk_flags(parser, is_required=True)
    add_object_flags(parser, DEFAULT_SEED)
    add_cluster_flags(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the objects")
    parser.add_argument("--json", action="store_true", help="print every outcome and the progress as JSON lines")
    parser.add_argument("--rerun", type=Path, metavar="FILE.rrd", help="record the progress for Rerun")
    variable = os.environ.get(PYTHON_VARIABLE)
    python_help = f"Python of the worker on each machine (${PYTHON_VARIABLE}, or that of Ray)"
    parser.add_argument("--python", type=Path, default=Path(variable) if variable else None, help=python_help)
    return parser.parse_args(arguments)


def add_cluster_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of machines and processes."""
    count = partial(number, highest=MAX_ACTORS)
    parser.add_argument("--address", default=os.environ.get("RAY_ADDRESS", ""), help=ADDRESS_HELP)
    parser.add_argument(
        "--actors", type=count, metavar="N", help="largest number of processes (one per GPU or group of cores)"
    )
    parser.add_argument("--cores-per-actor", type=count, metavar="N", help="cores per process (1, or a GPU's share)")
    parser.add_argument("--cores", type=count, metavar="N", help="cores of this machine, without --address (all)")
    parser.add_argument(
        "--deadline",
        type=seconds,
        default=DEFAULT_DEADLINE_S,
        metavar="S",
        help="longest time for an object in seconds (%(default)g)",
    )
    parser.add_argument(
        "--recycle",
        type=count,
        default=DEFAULT_RECYCLE_AFTER,
        metavar="N",
        help="objects after which a process loads its model again (%(default)s)",
    )


def seconds(text: str) -> float:
    """Parse a positive number of seconds.

    Raises:
        ArgumentTypeError: It is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (math.isfinite(value) and value > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
