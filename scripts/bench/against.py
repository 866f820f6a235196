#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare a small model's times with those of another checkout, in turn: `python scripts/bench --against CHECKOUT`.

Each round starts one process per checkout, in the reverse order every other time. Ratios are those within a round.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main() -> None:
    """Print a table of medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path, help="the other checkout")
    parser.add_argument("--model", default="mini/shap-e", help="mini/shap-e or mini/point-e")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=5, help="objects per quality and process")
    options = parser.parse_args()
    rounds = [times_of_both(options, is_reversed=bool(index % 2)) for index in range(options.rounds)]
    print("| on one thread | other, s | this, s | ratio |\n| --- | ---: | ---: | ---: |")
    for name in rounds[0][0]:
        ratios = sorted(this[name] / other[name] for other, this in rounds)
        seconds = [median(both[side][name] for both in rounds) for side in (0, 1)]
        between = f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"| {name} | {seconds[0]:.2f} | {seconds[1]:.2f} | {between} |")


def times_of_both(options: argparse.Namespace, *, is_reversed: bool) -> list[dict[str, float]]:
    """Return the seconds by name of the other checkout and of this one, measured one after the other."""
    checkouts = [options.checkout.resolve(), REPOSITORY]
    order = reversed(checkouts) if is_reversed else checkouts
    times = {checkout: times_of(checkout, options.repeats, options.model) for checkout in order}
    return [times[checkout] for checkout in checkouts]


def times_of(checkout: Path, repeats: int, model: str) -> dict[str, float]:
    """Time a checkout's model in a new process.

    Raises:
        CalledProcessError: The checkout's engine cannot run this.
    """
    command = [sys.executable, "-B", "-P", str(HERE / "checkout_times.py"), str(checkout), str(repeats), model]
    printed = subprocess.check_output(command, cwd=checkout, env=os.environ | THREADS, text=True)
    return json.loads(printed.splitlines()[-1])


if __name__ == "__main__":
    main()
