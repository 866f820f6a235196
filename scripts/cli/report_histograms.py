# SPDX-License-Identifier: GPL-3.0-or-later
"""Histograms of a report as inline SVG."""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from html import escape
from statistics import median

WIDTH, HEIGHT, TOP, BOTTOM = 320, 128, 16, 22
BINS = 14
LOGARITHMIC_FROM = 50
"""Ratio of the largest to the smallest value from which the bins grow."""
ROUND = (1, 2, 5, 10)


def bins_of(values: Sequence[float]) -> tuple[list[float], list[int]]:
    """Return the edges of bins, which are round numbers, and how many values each bin holds.

    A bin holds the values from its lower edge up to, not including, its upper one. There is one edge more than bins.
    """
    low, high = min(values), max(values)
    edges = growing_edges(low, high) if low > 0 and high / low >= LOGARITHMIC_FROM else even_edges(low, high)
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[min(max(bisect_right(edges, value) - 1, 0), len(counts) - 1)] += 1
    return edges, counts


def even_edges(low: float, high: float) -> list[float]:
    """Return edges with the same distance, of which the last lies above the highest value."""
    rough = (high - low) / BINS or max(abs(high), 1.0) / BINS
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * factor for factor in ROUND if scale * factor >= rough * 0.999)
    start = math.floor(low / step)
    return [step * place for place in range(start, math.floor(high / step) + 2)]


def growing_edges(low: float, high: float) -> list[float]:
    """Return the edges 1, 2, 5, 10, 20 … from below the lowest value to above the highest."""
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    edges = [factor * 10.0**power for power in powers for factor in ROUND[:3]] + [10.0 ** (powers[-1] + 1)]
    return edges[max(bisect_right(edges, low) - 1, 0) : bisect_right(edges, high) + 1]


def histogram(title: str, values: Sequence[float], text_of: Callable[[float], str]) -> str:
    """Return a figure with a histogram, or "" without values.

    Args:
        title: Heading, such as "Faces".
        values: The values.
        text_of: Writer of a value with its unit.
    """
    if not values:
        return ""
    edges, counts = bins_of(values)
    facts = f"median {text_of(median(values))}, {text_of(min(values))} to {text_of(max(values))}"
    bars = "".join(bar(place, edges, counts, text_of) for place in range(len(counts)) if counts[place])
    return (
        f"<figure><figcaption><b>{escape(title)}</b> <span>{escape(facts)}</span></figcaption>"
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(f"{title}: {facts}")}">'
        f'<text x="0" y="11">{max(counts):,}</text>{bars}'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text x="0" y="{HEIGHT - 6}">{escape(text_of(edges[0]))}</text>'
        f'<text class="end" x="{WIDTH}" y="{HEIGHT - 6}">{escape(text_of(edges[-1]))}</text></svg></figure>'
    )


def bar(place: int, edges: Sequence[float], counts: Sequence[int], text_of: Callable[[float], str]) -> str:
    """Return a bar with its range and its count as tooltip."""
    width, count = WIDTH / len(counts), counts[place]
    height = max((HEIGHT - TOP - BOTTOM) * count / max(counts), 1.0)
    told = f"{text_of(edges[place])} to {text_of(edges[place + 1])}: {count:,}"
    return (
        f'<rect data-count="{count}" x="{place * width + 0.75:.2f}" y="{HEIGHT - BOTTOM - height:.2f}" '
        f'width="{max(width - 1.5, 1):.2f}" height="{height:.2f}" rx="1.5"><title>{escape(told)}</title></rect>'
    )
