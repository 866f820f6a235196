# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines and the final table of a batch on the terminal."""

from blender_text3d.system.console import sanitized


def print_lines(text: str) -> None:
    """Print a line, and further ones below it with an indentation."""
    first, *others = text.split("\n")
    print("\n".join([sanitized(first), *(f"    {sanitized(line)}" for line in others)]), flush=True)


def print_table(outcomes: dict[str, str]) -> int:
    """Print every order with its outcome; returns the exit code."""
    failed = sum(outcome.startswith("FAILED") for outcome in outcomes.values())
    width = max(map(len, outcomes), default=0)
    print()
    for name, outcome in outcomes.items():
        print_lines(f"{name:<{width}}  {outcome}")
    print(f"\n{len(outcomes) - failed} complete, {failed} failed", flush=True)
    return 1 if failed else 0
