# SPDX-License-Identifier: GPL-3.0-or-later
"""Check for the official packages without importing them."""

import sys
from importlib.util import find_spec
from pathlib import Path

REQUIREMENTS = Path(__file__).parents[2] / "environment" / "reference_requirements.txt"


class ReferenceMissing(Exception):
    """An official package is not installed; the message says which, and how to install it."""


def missing_packages(names: tuple[str, ...]) -> list[str]:
    """Return the packages that cannot be imported."""
    return [name for name in names if find_spec(name) is None]


def require_packages(*names: str) -> None:
    """Require that packages are installed.

    Raises:
        ReferenceMissing: some are not.
    """
    missing = missing_packages(names)
    if missing:
        raise ReferenceMissing(
            f"This model runs OpenAI's own code, and its packages {', '.join(missing)} are not installed; install them "
            f'with: "{sys.executable}" -m pip install --no-deps -r "{REQUIREMENTS}"'
        )
