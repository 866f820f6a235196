#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make thousands of small objects while processes are killed and frozen, disks fill up and clocks are wrong.

    python scripts/fault_injection/many --objects 2000 --faults 100
    unshare -rn sh -c "ip link set lo up; python scripts/fault_injection/many --ray PYTHON_WITH_RAY"

Workers are real, with an engine that takes milliseconds. Two commands fill one folder, each with the list in another
order, and are started again when they end. With --ray, a cluster of two nodes runs on this machine, and one command at
a time hands out the work. At the end each object must be there exactly once, undamaged and in the manifest, each prompt
that ends its worker must be named with a reason, and one more run must make nothing. Else the exit code is 1.
"""

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from scripts.fault_injection.child.tmpfs import can_mount, tmpfs
from scripts.fault_injection.fault import InvariantViolated
from scripts.fault_injection.many.invariants import checked
from scripts.fault_injection.many.lists import write_list
from scripts.fault_injection.many.local_runs import LocalRuns
from scripts.fault_injection.many.ray_runs import RayRuns

DISK_MB = 1000


def main(arguments: list[str] | None = None) -> int:
    """Run once and print the table; returns the exit code."""
    options = parse_arguments(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="text3d-many-")))
        disk = stack.enter_context(tmpfs(folder / "disk", DISK_MB)) if can_mount() else folder / "disk"
        listed = write_list(folder, options.objects, options.poison)
        rng = random.Random(options.seed)
        kind = RayRuns if options.ray else LocalRuns
        runs = stack.enter_context(kind(folder, disk, listed, rng, options.ray))
        begun = time.monotonic()
        try:
            runs.make_all(options.faults)
            found = checked(disk / "out", listed.wanted, listed.poison)
            again = runs.made_again()
        except InvariantViolated as error:
            print(f"Violated: {error}\nLogs are in {runs.keep_logs()}")
            return 1
    print(f"{found.made} objects, {found.packed} of them in shards, {found.failed} failures named, {again} made again")
    print(f"{runs.counts.total()} faults, {runs.starts} starts, {time.monotonic() - begun:.0f} s")
    print("\n".join(f"| {name} | {count} |" for name, count in runs.counts.items()))
    return 0 if again == 0 else 1


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="fault_injection/many"
    )
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--poison", type=int, default=5, help="prompts that end their worker (%(default)s)")
    parser.add_argument("--faults", type=int, default=100, help="number of faults (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ray", metavar="PYTHON", default="", help="a Python with Ray, for runs on a cluster")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
