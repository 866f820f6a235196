#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write a list of prompts with every pair of values on two axes; batch_generate.py makes the objects.

    python scripts/wedge.py "a red chair" --rows "color: red, green, blue" --columns "seed: 1-4" --out wedge.csv
    python scripts/wedge.py "a red chair" --rows "steps: 8, 16" --columns "guidance: 1..3 step 0.5" --out wedge.csv
    python scripts/batch_generate.py --prompts-file wedge.csv --out here

Axes are prompt, color, part_color, seed, guidance, steps, strength (of the variation) and size. All other settings are
those of generate.py. The exit code is 0 if the list was written, 1 if its file cannot be written, 2 if the request is
invalid.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from blender_text3d.batch.prompt_lists.real_size import with_real_size
from blender_text3d.batch.prompt_lists.row_values import with_folder
from blender_text3d.batch.prompt_lists.setting_flags import add_setting_flags, flag_values
from blender_text3d.prompts.color_words import reword
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.wedge import AXES, MAX_LISTED_CELLS, WedgeAxis, read_axis, wedge_csv, wedge_requests
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from blender_text3d.system.files import replace_content

FAILED, UNUSABLE = 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    try:
        choices = with_real_size(options.prompt, with_folder({"seed": options.seed, **flag_values(options)}))
        rows, columns = axis_from(options.rows), axis_from(options.columns)
        requests = wedge_requests(options.prompt, rows, columns, reword, limit=MAX_LISTED_CELLS, **choices)
        replace_content(options.out, wedge_csv(requests).encode())
    except BadRequest as error:
        print(sanitized(str(error)), file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(f"{options.out} cannot be written ({error.strerror}). Choose another file.", file=sys.stderr)
        return FAILED
    print(f"{options.out}: {len(requests)} objects, {len(rows.values)} rows and {len(columns.values)} columns")
    return 0


def axis_from(text: str) -> WedgeAxis:
    """Return the axis of a flag such as "seed: 1-4".

    Raises:
        BadRequest: It is none.
    """
    name, _, values = text.partition(":")
    return read_axis(name.strip().lower(), values)


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="wedge.py", description=__doc__.splitlines()[0])
    axes = f"AXIS: VALUES, an axis of {', '.join(AXES)}; values such as red, blue or 1, 5-8 or 0.5..2 step 0.5"
    parser.add_argument("prompt", help='such as "a red chair"')
    parser.add_argument("--rows", required=True, help=axes)
    parser.add_argument("--columns", required=True, help="the same for the other axis")
    parser.add_argument("--seed", type=int, help="seed of all objects (random)")
    add_setting_flags(parser)
    parser.add_argument("--out", type=Path, required=True, help="CSV file to write")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
