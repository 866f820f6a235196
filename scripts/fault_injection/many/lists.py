# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of small objects, with the IDs that their objects get."""

import json
from pathlib import Path
from typing import NamedTuple

from blender_text3d.batch.__main__ import options_from
from blender_text3d.batch.orders import chunk_of
from blender_text3d.batch.prompt_lists.prompt_list import read_prompt_list

STEPS = 4
SLOW, POISON = "a slow chair", "die-in-sample chair"
"""Prompts that the scripted engine reads as commands."""


class List(NamedTuple):
    """A list of objects in two orders.

    Attributes:
        paths: The files.
        wanted: IDs of the objects that can be made.
        poison: IDs of those that end their worker.
    """

    paths: tuple[Path, Path]
    wanted: set[str]
    poison: set[str]


def write_list(folder: Path, objects: int, poison: int) -> List:
    """Write a list of so many objects, and prompts among them that end their worker."""
    rows = [{"prompt": f"{SLOW} {number}", "steps": STEPS} for number in range(objects)]
    for number in range(poison):
        rows.insert(number * len(rows) // max(poison, 1), {"prompt": f"{POISON} {number}", "steps": STEPS})
    paths = folder / "list.jsonl", folder / "reversed.jsonl"
    for path, ordered in zip(paths, (rows, rows[::-1]), strict=True):
        path.write_text("".join(f"{json.dumps(row)}\n" for row in ordered))
    options = options_from(["--jobs", str(paths[0]), "--out", str(folder)])
    orders = chunk_of(read_prompt_list(paths[0]).rows, options).orders
    ids = {order.object_id: order.request.prompt for order in orders}
    bad = {name for name, prompt in ids.items() if prompt.startswith(POISON)}
    return List(paths, ids.keys() - bad, bad)
