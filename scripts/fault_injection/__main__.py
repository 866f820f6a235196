#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do harm to workers, disks, journals and Blender, many times, and count what was lost.

    python scripts/fault_injection --rounds 20                       everything; takes hours
    python scripts/fault_injection --rounds 3 --only SIGKILL disk    faults whose names hold one of these words
    python scripts/fault_injection --bpy PYTHON ...                  and those that need Blender, by each in turn

The table says for each fault how often it struck, and how often the job was survived or lost: ended without a sentence,
with a wrong one, or never; or the next job was not the object it should be. The exit code is 1 where anything was lost.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.fault_injection.fault import Fault, Round, StageNotReached
from scripts.fault_injection.harness import Harness
from scripts.fault_injection.registry import FAULTS
from scripts.fault_injection.results_table import Row, keep, notes, rows_in, table

DEAR_ARE_FEWER = 4
FEWEST = 5


def main(arguments: list[str] | None = None) -> int:
    """Play every fault, print the table."""
    options = options_from(arguments)
    wanted = [fault for fault in FAULTS if is_wanted(fault, options)]
    if options.list:
        print("\n".join(fault.name for fault in wanted))
        return 0
    bench, rows = Harness(options.python, tuple(options.bpy)), rows_in(options.tally, [fault.name for fault in wanted])
    try:
        for fault in in_turn(wanted, options.rounds, rows):
            row = rows[fault.name]
            play(fault, row, options.seed, bench)
            print(row, flush=True)
            keep(options.tally, rows)
    finally:
        bench.close()
        shutil.rmtree(bench.folder, ignore_errors=True)
    print("\n" + table(rows.values()) + "\n\n" + notes(rows.values()))
    return 1 if any(row.losses for row in rows.values()) else 0


def in_turn(faults: list[Fault], rounds: int, rows: dict[str, Row]) -> Iterator[Fault]:
    """Each as often as it is wanted now, the one that was tried least first: a run that is cut leaves an even table."""
    left = Counter({fault.name: rounds_of(fault, rounds) for fault in faults})
    while todo := [fault for fault in faults if left[fault.name]]:
        fault = min(todo, key=lambda fault: rows[fault.name].tries)
        left[fault.name] -= 1
        yield fault


def rounds_of(fault: Fault, rounds: int) -> int:
    """Dear faults have fewer rounds, but never fewer than five where so many are asked for."""
    return max(min(rounds, FEWEST), rounds // DEAR_ARE_FEWER) if fault.is_dear else rounds


def play(fault: Fault, row: Row, seed: str, bench: Harness) -> None:
    """A fault, once."""
    folder, began = Path(tempfile.mkdtemp(prefix="text3d-fault-")), time.monotonic()
    seed = f"{seed} {fault.name} {row.tries}"
    round_ = Round(random.Random(seed), folder, bench, row.tries)
    try:
        said = fault.strike(round_)
        row.survived += 1
        row.count(said)
        row.count(f"bpy {bench.version(round_.bpy)}" if fault.needs == "bpy" else None)
    except StageNotReached:
        row.missed += 1
    except Exception as error:  # whatever it is, the round was not survived
        row.losses.append(f"{seed}: {type(error).__name__}: {error}")
        traceback.print_exc()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    row.seconds += time.monotonic() - began


def is_wanted(fault: Fault, options: argparse.Namespace) -> bool:
    """Whether the fault is asked for and what it needs is there."""
    named = not options.only or any(word.lower() in fault.name.lower() for word in options.only)
    return named and (not fault.needs or getattr(options, fault.needs))


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/fault_injection", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1, help="of each cheap fault; dear ones: a quarter (%(default)s)")
    parser.add_argument("--only", nargs="*", default=[], metavar="WORD", help="faults whose names hold one of these")
    parser.add_argument("--seed", default="1", help="of the random moments (%(default)s)")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="the worker's (%(default)s)")
    parser.add_argument(
        "--bpy", type=Path, nargs="+", default=[], help="Pythons with the bpy module, for the faults inside Blender"
    )
    parser.add_argument("--tally", type=Path, help="JSON file to which the counts are added")
    parser.add_argument("--list", action="store_true", help="name the faults and do nothing")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # small disks are unmounted, workers ended
    sys.exit(main())
