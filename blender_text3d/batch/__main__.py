# SPDX-License-Identifier: GPL-3.0-or-later
"""Make what a list has and a folder lacks; a second run makes what is missing.

python -m blender_text3d.batch --jobs chunk.jsonl --out objects
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from ..protocol.errors import BadRequest
from ..system.console import sanitized, use_lossy_console_encoding
from ..system.output_stream import CLOSED_PIPE, discard_output
from .flags import PYTHON_VARIABLE, add_chunk_flags, add_object_flags

DEFAULT_SEED = 1
"""A random one would make other objects in the second run."""
UNUSABLE = 2
REQUIRED_MODULES = ("numpy", "PIL", "scipy", "torch", "trimesh")
"""Packages of this process."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    try:
        require_packages()
        from .command import make

        return make(options, options.python or Path(os.environ.get(PYTHON_VARIABLE) or sys.executable))
    except BadRequest as error:
        sys.stderr.write(f"{sanitized(str(error))}\n")
        return UNUSABLE
    except BrokenPipeError:
        discard_output()
        return CLOSED_PIPE


def require_packages() -> None:
    """Check that this Python has the packages of a chunk.

    Raises:
        BadRequest: One is missing.
    """
    if missing := next((name for name in REQUIRED_MODULES if not find_spec(name)), ""):
        raise BadRequest(f"{sys.executable} has no package {missing}. Run this with the Python that Set Up made.")


def options_from(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m blender_text3d.batch", description=__doc__.splitlines()[0])
    add_chunk_flags(parser, is_required=True)
    add_object_flags(parser, DEFAULT_SEED)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the objects")
    parser.add_argument("--json", action="store_true", help="print every outcome as JSON lines")
    parser.add_argument("--python", type=Path, help=f"Python of the worker (${PYTHON_VARIABLE}, or this one)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
