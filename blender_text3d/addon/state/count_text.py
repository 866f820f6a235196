# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts as text, with a noun or short. No bpy."""


def count_text(count: int) -> str:
    """Return a count with three significant digits at most: 950, 9.5k, 95k, 1.2M."""
    if count < 1_000:
        return str(count)
    value, unit = (count / 1_000, "k") if count < 999_500 else (count / 1_000_000, "M")
    return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun in the singular or plural: "1 job", "1,200 jobs"."""
    return f"{count:,} {plural(count, noun)}"


def plural(count: int, noun: str) -> str:
    """Return a noun as it follows a count."""
    return noun if count == 1 else f"{noun}s"
