# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging of symbols, the core of byte-pair encoding.

Source: Sennrich et al. 2016, section 3.2.
"""

from collections.abc import Mapping


def merge_all(symbols: list[str], ranks: Mapping[tuple[str, str], int]) -> list[str]:
    """Merge all occurrences of the pair with the lowest rank, until no pair has a rank."""
    while len(symbols) > 1:
        pair = min(zip(symbols, symbols[1:], strict=False), key=lambda pair: ranks.get(pair, len(ranks)))
        if pair not in ranks:
            break
        symbols = _merge_pair(symbols, pair)
    return symbols


def _merge_pair(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    merged, index = [], 0
    while index < len(symbols):
        is_pair = tuple(symbols[index : index + 2]) == pair
        merged.append("".join(pair) if is_pair else symbols[index])
        index += 2 if is_pair else 1
    return merged
