# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is not what it should be is put aside under another name, never used and never deleted unseen."""

from pathlib import Path

from ....system.patience import replace_with_retry
from .verified_stamp import stamp_path


def quarantine_path(final: Path) -> Path:
    """Where a bad file goes that was to become `final`."""
    return final.with_name(final.name + ".broken")


def quarantine(path: Path, final: Path | None = None) -> Path:
    """Rename a bad file; an older one that was put aside gives way, so that at most one is kept.

    Args:
        path: The file.
        final: What it was to become, where that is not its own name.

    Returns:
        Its new path.

    Raises:
        OSError: It cannot be renamed.
    """
    aside = quarantine_path(final or path)
    replace_with_retry(path, aside)
    stamp_path(path).unlink(missing_ok=True)
    return aside
