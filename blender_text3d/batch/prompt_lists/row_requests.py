# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a list of prompts → requests, with the settings of a command line where an entry has none."""

import argparse
from pathlib import Path

from ...protocol.errors import BadRequest
from ...protocol.request import Request, make_requests
from .prompt_list import PromptRow
from .real_size import with_real_size
from .row_values import FILE_SETTINGS, with_folder
from .setting_flags import flag_values


def requests_of(row: PromptRow, options: argparse.Namespace) -> list[Request]:
    """Return the requests of one entry, which has its own settings or those of the command line.

    Raises:
        BadRequest: The entry, or a file that it names, cannot be used.
    """
    if row.error:
        raise BadRequest(row.error)
    own = with_folder({"count": options.count, "seed": options.seed, **flag_values(options), **row.values})
    for name in FILE_SETTINGS:
        if own[name]:
            own[name] = str(Path(own[name]).absolute())
            if not Path(own[name]).is_file():
                raise BadRequest(f"There is no file {own[name]}. Check the path.")
    return make_requests(row.prompt, **with_real_size(row.prompt, own))
