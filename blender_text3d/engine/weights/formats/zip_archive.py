# SPDX-License-Identifier: GPL-3.0-or-later
"""A zip of weights, opened with a look at its end first."""

import zipfile
from typing import BinaryIO

from ....system.zip_limits import check_directory

MAX_DIRECTORY_BYTES = 2**22
MAX_PICKLE_BYTES = 2_000_000
"""Some hundred kilobytes are usual; a byte of it may become an object of sixty."""


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """The archive in a file, whose table of contents is looked at before room is made for it.

    Raises:
        ValueError, BadZipFile: It is none, or has far more entries than a network has tensors.
    """
    check_directory(file, MAX_DIRECTORY_BYTES)
    return zipfile.ZipFile(file)
