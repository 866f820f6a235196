# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of generate.py that makes the object of a recipe again."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..protocol.earlier_weights import earlier_weights_notice, weights_of
from ..protocol.errors import BadRequest
from ..protocol.job_recipe import FACTS
from ..protocol.request import DEFAULTS, SETTINGS, Request, make_requests
from ..protocol.samplings import sampling_of
from ..protocol.stored_names import from_stored
from .prompt_lists.row_values import FILE_SETTINGS
from .prompt_lists.setting_flags import setting_names

FILE_HASH = re.compile(r" ([0-9a-f]{16}|unreadable)\Z")
"""Suffix that a batch adds to the name of an input file in its recipes."""
FACTS_OF_VIEWS = {"image_weights_sha256", "view", "view_score", "view_scored_by"}
NO_SETTINGS = {"job_id", *FACTS, *FACTS_OF_VIEWS}
"""Keys of recipes of jobs and chunks that are no settings; a device has no flag."""
SAMPLING = {"steps", "guidance", "grid", "guidance_every"}


def generate_command(recipe: dict[str, Any]) -> tuple[str, str]:
    """Return the command, and a sentence about what else it needs, or "".

    Without a command, the sentence says why this version cannot make the object. Shells of Unix and PowerShell read
    the command; a prompt or a value that begins with a hyphen cannot pass for a flag.
    """
    values = {name: value for name, value in from_stored(recipe).items() if name not in NO_SETTINGS}
    try:
        request = replace(Request.from_values(values), device="auto", viewer="", comparison="")
        files: dict[str, Any] = {
            name: FILE_HASH.sub("", getattr(request, name)) for name in FILE_SETTINGS if getattr(request, name)
        }
        request = replace(request, **files)
        names = flags_for(request)
    except BadRequest as error:
        return "", f"This version of generate.py cannot make it again. {error}"
    if names is None:
        return "", f"generate.py has no flag for its solver ({request.solver or 'the one of older versions'})."
    words = ["python3", "scripts/generate.py", "--seed", str(request.seed)]
    words += [word for name in names for word in flag_of(name, getattr(request, name))]
    words += ["--", request.prompt] if request.prompt.startswith("-") else [request.prompt]
    copies = [name for name, value in files.items() if not Path(value).is_absolute()]
    paths = f"Write the path of the {' and the '.join(copies)} into the command." if copies else ""
    notes = (paths, earlier_weights_notice(*weights_of(recipe)))
    return shlex.join(words), " ".join(filter(None, notes))


def flags_for(request: Request) -> list[str] | None:
    """Return the settings that the command line must name to make exactly this request; None if it cannot.

    Raises:
        BadRequest: The settings exclude each other.
    """
    usual = DEFAULTS | sampling_of(request.model, request.quality)._asdict()
    changed = {name for name in setting_names() if getattr(request, name) != usual[name]}
    for wanted in (changed, changed | SAMPLING):
        names = [name for name in setting_names() if name in wanted]
        choices = {name: getattr(request, name) for name in names}
        if make_requests(request.prompt, seed=request.seed, **choices) == [request]:
            return names
    return None


def flag_of(name: str, value: Any) -> list[str]:
    """Return the words that give a setting its value."""
    flag = SETTINGS[name].flags[0]
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag[2:]}"]
    return [f"{flag}={value}"] if str(value).startswith("-") else [flag, str(value)]
