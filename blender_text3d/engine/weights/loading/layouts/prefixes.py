# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensor names of one library → the official ones: the longest beginning that is in a table is replaced."""

from collections.abc import Mapping


def renamed(name: str, beginnings: Mapping[str, str]) -> str:
    """A name with its beginning replaced; as it is where no beginning of it is in the table.

    A beginning ends at a dot or at the name's end, so "norm_in" is none of "norm_in2.weight".
    """
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        beginning = ".".join(parts[:count])
        if beginning in beginnings:
            return ".".join([beginnings[beginning], *parts[count:]])
    return name
