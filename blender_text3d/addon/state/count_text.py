# SPDX-License-Identifier: GPL-3.0-or-later
"""Large numbers as short text. No bpy."""


def count_text(count: int) -> str:
    """Return a count with three significant digits at most: 950, 9.5k, 95k, 1.2M."""
    if count < 1_000:
        return str(count)
    value, unit = (count / 1_000, "k") if count < 999_500 else (count / 1_000_000, "M")
    return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"
