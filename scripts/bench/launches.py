#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count the kernels of a solver's step and of other stages of the official networks, on a simulated CUDA device.

    python scripts/bench/launches.py [--operations NAME]

The networks have their official numbers of layers and are narrow, since the width changes no count.
"""

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
import torch

from blender_text3d.engine.cuda_graphs import VARIABLE
from scripts.bench.launch_cases import CASES
from scripts.testing.simulated_device import simulated_cuda


def count(name: str, graphs: bool = True) -> Counter[str]:
    """Return the launches of a case by operation: with CUDA graphs one for all kernels of a graph, else its kernels."""
    torch.manual_seed(0)
    with mock.patch.dict(os.environ, {VARIABLE: str(int(graphs))}), simulated_cuda() as counts:
        return CASES[name](counts)


def main() -> int:
    """Print the counts."""
    parser = argparse.ArgumentParser(prog="launches.py", description=__doc__.splitlines()[0])
    parser.add_argument("--operations", choices=CASES, help="print the operations of one case")
    wanted = parser.parse_args().operations
    if wanted:
        for operation, number in count(wanted, graphs=False).most_common():
            print(f"{number:5} {operation}")
        return 0
    print("| step | kernels | launches of the host |\n| --- | ---: | ---: |")
    for name in CASES:
        print(f"| {name} | {count(name, graphs=False).total()} | {count(name).total()} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
