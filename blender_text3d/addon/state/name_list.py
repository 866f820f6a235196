# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of objects as part of a sentence. No bpy."""

from collections.abc import Sequence

MAX_NAMED = 3


def quoted_names(names: Sequence[str]) -> str:
    """Return '"Cube", "Lamp" and 4 more'."""
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(f'"{name}"' for name in names[:MAX_NAMED]) + more
