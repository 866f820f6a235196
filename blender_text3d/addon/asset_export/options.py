# SPDX-License-Identifier: GPL-3.0-or-later
"""What an export makes, and what came of it."""

from pathlib import Path
from typing import NamedTuple


class ExportOptions(NamedTuple):
    """The choices of an export.

    Attributes:
        preset: Identifier of the preset.
        path: The file; of several files, its folder counts.
        is_separate: Write one file per object, named after it.
        is_overwriting: Replace files that the user did not name, such as those of `is_separate`.
        is_at_origin: Put the origin of an object that is alone in its file at the world origin.
        suffix: Of the files, with the dot.
    """

    preset: str
    path: Path
    suffix: str
    is_separate: bool = False
    is_overwriting: bool = False
    is_at_origin: bool = True


class Exported(NamedTuple):
    """What an export wrote, and one sentence for each problem."""

    files: list[Path]
    problems: list[str]


class ExportError(Exception):
    """A file was not written, and nothing half of it is left; the message is one sentence for the user."""
