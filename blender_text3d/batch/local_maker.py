# SPDX-License-Identifier: GPL-3.0-or-later
"""An ObjectMaker as a process of this machine: orders come as JSON lines on stdin, results go out on stdout.

It ends when stdin does, so that it never outlives the process that started it by more than the objects it has.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from ..client.worker_process import Launch
from ..system.console import sanitized
from .cluster.errors import UnfitNode
from .cluster.object_maker import MakerSettings, ObjectMaker, Order


def main() -> int:
    """Serve orders until stdin ends."""
    answers = private_stdout()
    return run(iter(sys.stdin.readline, ""), answers)


def run(lines: Iterator[str], answers: TextIO, launch: Launch | None = None) -> int:
    """Serve orders until the lines end, of which the first has the settings.

    Args:
        lines: One JSON object or list each.
        answers: Gets one line for each.
        launch: Starts the worker; None for the worker's Python.
    """
    first = next(lines, "")
    if not first:
        return 0
    maker = ObjectMaker(MakerSettings(**json.loads(first)), launch)
    try:
        serve(maker, lines, answers)
    finally:
        maker.close()
    return 0


def serve(maker: ObjectMaker, lines: Iterable[str], answers: TextIO) -> None:
    """Answer each line of orders with one line: their results, or why this machine cannot make them."""
    answer(answers, {"ready": os.getpid()})
    for line in lines:
        try:
            results = maker.make([Order(*values) for values in json.loads(line)])
        except UnfitNode as error:
            answer(answers, {"unfit": sanitized(str(error))})
            return
        answer(answers, {"results": results})


def answer(answers: TextIO, values: dict[str, Any]) -> None:
    """Write one line."""
    answers.write(json.dumps(values) + "\n")
    answers.flush()


def private_stdout() -> TextIO:
    """Return stdout on a new descriptor; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


if __name__ == "__main__":
    sys.exit(main())
