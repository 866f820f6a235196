# SPDX-License-Identifier: GPL-3.0-or-later
"""Rename tensors of one library to the official names by their dotted prefixes."""

from collections.abc import Mapping


def replace_prefix(name: str, prefixes: Mapping[str, str]) -> str:
    """Replace the longest prefix of a name that is in the table; a name without one is returned unchanged.

    A prefix ends at a dot or at the end of the name, so "norm_in" does not match "norm_in2.weight".
    """
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        prefix = ".".join(parts[:count])
        if prefix in prefixes:
            return ".".join([prefixes[prefix], *parts[count:]])
    return name
