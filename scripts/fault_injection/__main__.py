#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inject faults into workers, disks, journals and Blender many times, and count the jobs that were lost.

    python scripts/fault_injection --rounds 20                       all faults; takes hours
    python scripts/fault_injection --rounds 3 --only SIGKILL disk    faults whose names contain one of these
    python scripts/fault_injection --bpy PYTHON ...                  also faults in Blender, each in turn

The table lists for each fault how often it was injected, and how often the job was survived or lost. A job is lost if
it ends without a message, with a wrong one, or never, or if the next job makes another object. Then the exit code is 1.
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
from scripts.fault_injection.results_table import Row, load_rows, notes, save_rows, table

SLOW_FAULT_DIVISOR = 4
MIN_SLOW_ROUNDS = 5


def main(arguments: list[str] | None = None) -> int:
    """Inject every selected fault and print the table."""
    options = parse_arguments(arguments)
    wanted = [fault for fault in FAULTS if is_selected(fault, options)]
    if options.list:
        print("\n".join(fault.name for fault in wanted))
        return 0
    harness, rows = (
        Harness(options.python, tuple(options.bpy)),
        load_rows(options.tally, [fault.name for fault in wanted]),
    )
    try:
        for fault in schedule(wanted, options.rounds, rows):
            row = rows[fault.name]
            run_round(fault, row, options.seed, harness)
            print(row, flush=True)
            save_rows(options.tally, rows)
    finally:
        harness.close()
        shutil.rmtree(harness.folder, ignore_errors=True)
    print("\n" + table(rows.values()) + "\n\n" + notes(rows.values()))
    return 1 if any(row.losses for row in rows.values()) else 0


def schedule(faults: list[Fault], rounds: int, rows: dict[str, Row]) -> Iterator[Fault]:
    """Yield each fault as often as requested, the least tried first, so that an interrupted run gives an even table."""
    left = Counter({fault.name: rounds_of(fault, rounds) for fault in faults})
    while todo := [fault for fault in faults if left[fault.name]]:
        fault = min(todo, key=lambda fault: rows[fault.name].tries)
        left[fault.name] -= 1
        yield fault


def rounds_of(fault: Fault, rounds: int) -> int:
    """Return the rounds of a fault: fewer for a slow one, but at least MIN_SLOW_ROUNDS if that many are requested."""
    return max(min(rounds, MIN_SLOW_ROUNDS), rounds // SLOW_FAULT_DIVISOR) if fault.is_slow else rounds


def run_round(fault: Fault, row: Row, seed: str, harness: Harness) -> None:
    """Inject a fault once and record the outcome."""
    folder, start = Path(tempfile.mkdtemp(prefix="text3d-fault-")), time.monotonic()
    seed = f"{seed} {fault.name} {row.tries}"
    round_ = Round(random.Random(seed), folder, harness, row.tries)
    try:
        observation = fault.inject(round_)
        row.survived += 1
        row.observe(observation)
        row.observe(f"bpy {harness.version(round_.bpy)}" if fault.needs == "bpy" else None)
    except StageNotReached:
        row.missed += 1
    except Exception as error:  # any error means that the round was not survived
        row.losses.append(f"{seed}: {type(error).__name__}: {error}")
        traceback.print_exc()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    row.seconds += time.monotonic() - start


def is_selected(fault: Fault, options: argparse.Namespace) -> bool:
    """True if a fault is selected and its requirements are met."""
    is_named = not options.only or any(part.lower() in fault.name.lower() for part in options.only)
    return is_named and (not fault.needs or getattr(options, fault.needs))


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="scripts/fault_injection", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rounds", type=int, default=1, help="rounds of each fast fault; a quarter of it for slow ones (%(default)s)"
    )
    parser.add_argument("--only", nargs="*", default=[], metavar="TEXT", help="faults whose names contain one of these")
    parser.add_argument("--seed", default="1", help="seed of the random moments (%(default)s)")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="the worker's Python (%(default)s)")
    parser.add_argument(
        "--bpy", type=Path, nargs="+", default=[], help="Pythons with the bpy module, for faults in Blender"
    )
    parser.add_argument("--tally", type=Path, help="JSON file to which the counts are added")
    parser.add_argument("--list", action="store_true", help="list the faults and exit")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # run the cleanup
    sys.exit(main())
