# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the official packages are here, asked without importing them."""

import sys
from importlib.util import find_spec
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[2] / "environment" / "reference_requirements.txt"


class ReferenceMissing(Exception):
    """An official package is not installed; the text says which and how to install it."""


def missing_packages(names: tuple[str, ...]) -> list[str]:
    """Those of the named packages that cannot be imported here."""
    return [name for name in names if find_spec(name) is None]


def need_packages(*names: str) -> None:
    """See that packages are here.

    Raises:
        ReferenceMissing: some are not.
    """
    absent = missing_packages(names)
    if absent:
        raise ReferenceMissing(
            f"This model runs OpenAI's own code, and its packages {', '.join(absent)} are not installed; install them "
            f'with: "{sys.executable}" -m pip install --no-deps -r "{REQUIREMENTS}"'
        )
