#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the objects of a list on all cores and GPUs of this machine or of a Ray cluster.

    python scripts/batch_ray.py --jobs list.jsonl --out objects
    python scripts/batch_ray.py --jobs list.jsonl --out objects --actors 2 --cores-per-actor 4
    python scripts/batch_ray.py --jobs list.jsonl --out /shared/objects --address 10.0.0.5:6379 --json

The command of the package's folder batch/cluster, run with the Python that Set Up made. The exit code is 0 if all
objects are there, 1 if some failed, 2 if nothing was started, 130 after Ctrl+C; what is done is kept.
"""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import blender_text3d
from blender_text3d.batch.__main__ import REQUIRED_MODULES
from blender_text3d.batch.cluster.__main__ import main
from blender_text3d.environment.paths import worker_env_dir, worker_python
from blender_text3d.system.run_module import python_options

UNUSABLE = 2


def run(arguments: list[str]) -> int:
    """Run the command in this Python if it has the packages, else in that of Set Up; returns the exit code."""
    if all(map(find_spec, REQUIRED_MODULES)):
        return main(arguments)
    python = worker_python(worker_env_dir())
    options = python_options(Path(blender_text3d.__file__).parent, "batch.cluster")
    try:
        return subprocess.call([str(python), "-B", *options, *arguments])
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        sys.stderr.write(f"{python} cannot be run ({error.strerror}). Run Set Up.\n")
        return UNUSABLE


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
