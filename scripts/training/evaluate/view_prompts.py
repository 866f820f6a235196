# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the prompts that `views.py` draws: `python -m scripts.training.evaluate.view_prompts`.

Each kind is named in two training colors, in a held-out one if there is one, and twice with a part of another color:
two parts that show, of which most shapes have each if there are two such, or else one in two colors. The same catalog
gives the same prompts.
"""

import argparse
from pathlib import Path

import numpy as np

from blender_text3d.prompts.reader import read_prompt

from ..data.captions import MAX_ACCENTED
from ..data.catalogue import CATEGORIES, is_held_out
from ..data.colors import COLORS, color_class
from ..images.splat import EMPTY, dots_of, render_dots
from ..images.view_dataset import narrow_shot
from .catalogue_shapes import random_solid
from .tasks import Task
from .views import PROMPTS

SHAPES = 16
"""Shapes of a kind whose views decide which of its parts show."""
MIN_SHOWN = 0.03
"""Least share of an object's pixels that a named part has, in the median view of the shapes that have it."""
MOST, SOME = 10, 3
"""Number of the shapes that have a part."""


def shown_shares(category):
    """Return role -> shares 0..1 of an object's pixels that are of this part, in a view of each of some shapes."""
    shares = {role: [] for role in category.accents}
    for seed in range(SHAPES):
        solid, rng = random_solid(category, seed)
        seen = render_dots(dots_of(solid, rng), narrow_shot(rng))[0]
        roles = np.array([part.role for part in solid.parts])[seen[seen != EMPTY]]
        for role, found in shares.items():
            found.append(float(np.mean(roles == role)))
    return shares


def shows(shares, least):
    """True if at least some shapes have a part, which shows and does not hide their main color."""
    having = [share for share in shares if share]
    return len(having) >= least and MIN_SHOWN <= np.median(having) <= MAX_ACCENTED


def named_parts(shares, rng):
    """Return two roles that show, in random order; the only one twice, or if none does that which shows most.

    Args:
        shares: result of `shown_shares`.
        rng: source of the choice.
    """
    usual, shown = ([role for role in shares if shows(shares[role], least)] for least in (MOST, SOME))
    roles = usual if len(usual) > 1 else shown or [max(shares, key=lambda role: np.mean(shares[role]))]
    return [str(role) for role in rng.permutation(roles * 2 if len(roles) == 1 else roles)[:2]]


def other_colors(category, role, color):
    """Return the colors of a part that a caption would name: not the main one, and not those that it has anyway."""
    _, usual = category.accents[role]
    return [name for name in COLORS if name not in {color, *map(color_class, usual or ())}]


def tasks_of(category):
    """Return the tasks of a kind, whatever other kinds there are."""
    rng, name = np.random.default_rng(list(category.name.encode())), category.name
    colors = [color for color in rng.permutation(list(COLORS)) if is_plain(Task(name, str(color)))]
    seen, unseen = ([str(color) for color in colors if is_held_out(name, color) == held] for held in (False, True))
    plain = [Task(name, color) for color in (*seen[:2], *unseen[:1])]
    parts = list(zip(named_parts(shown_shares(category), rng), seen[2:4], strict=True))
    words = {role: names[0] for role, (names, _) in category.accents.items()}
    others = [str(rng.choice(other_colors(category, role, color))) for role, color in parts]
    named = [Task(name, color, role, words[role], other) for (role, color), other in zip(parts, others, strict=True)]
    return [*plain, *named]


def is_plain(task):
    """True if people read the color as one: "orange tree" is the name of a tree."""
    reading = read_prompt(task.prompt)
    return reading is not None and reading.tokens[:1] == (task.color,)


def prompt_of(task):
    """Return the prompt of a task with its article."""
    return task.prompt.replace("a ", "an ", 1) if task.color[0] in "aeiou" else task.prompt


def prompts():
    """Return the prompts of the whole catalog."""
    return [prompt_of(task) for category in CATEGORIES for task in tasks_of(category)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="?", default=PROMPTS)
    parser.parse_args().out.write_text("\n".join(prompts()) + "\n", encoding="utf-8")
