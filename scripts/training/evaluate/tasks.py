# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts to evaluate: every category in some colors, and with one part in another color."""

from dataclasses import dataclass

from ..data.catalogue import CATEGORIES, is_held_out
from ..data.colors import COLORS


@dataclass(frozen=True)
class Task:
    """A prompt to evaluate: a category in a color, and optionally one part (a role and its word) in another color."""

    category: str
    color: str
    role: str = ""
    part: str = ""
    part_color: str = ""

    @property
    def prompt(self):
        """The prompt text."""
        return f"a {self.color} {self.category}" + (f" with {self.part_color} {self.part}" if self.part else "")

    @property
    def held_out(self):
        """True if the pair of category and color is held out."""
        return is_held_out(self.category, self.color)


def plain_tasks(seen_each, held_each, rng):
    """Return tasks for some training colors and some held-out colors of every category."""
    chosen = []
    for category in CATEGORIES:
        for held, count in ((False, seen_each), (True, held_each)):
            colors = [color for color in COLORS if is_held_out(category.name, color) == held]
            chosen += [Task(category.name, str(color)) for color in rng.permutation(colors)[:count]]
    return chosen


def part_tasks(rng):
    """Return one task per part of every category, in a training color and a different part color."""
    chosen = []
    for category in CATEGORIES:
        seen = [color for color in COLORS if not is_held_out(category.name, color)]
        for role, (words, _) in category.accents.items():
            color = str(rng.choice(seen))
            other = str(rng.choice([name for name in COLORS if name != color]))
            chosen.append(Task(category.name, color, role, words[0], other))
    return chosen
