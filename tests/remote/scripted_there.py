"""The worker of the other machine with the scripted engine, and a program in place of ssh that stays on this one."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
# The copy of the package there comes first; the tests' modules are from the repository.
SCRIPTED_THERE = f"""
import os, runpy, sys
sys.path[:0] = [os.getcwd()]
sys.path.append({str(REPOSITORY)!r})
from tests.worker import scripted_engine
import numpy as np
result_of = scripted_engine.result_of
def with_large_latent(recipe, commands):
    result = result_of(recipe, commands)
    if "large" in commands:
        result.latent = np.random.default_rng(0).random(500_000, np.float32)
    return result
scripted_engine.result_of = with_large_latent
sys.modules["blender_text3d.engine.generate"] = sys.modules["blender_text3d.engine.device"] = scripted_engine
runpy.run_module(sys.argv[-1], run_name="__main__", alter_sys=True)
"""


def local_ssh(folder: Path, home: Path, worker_python: Path) -> Path:
    """Write a program that runs the command of the other machine on this one, with another data folder."""
    program = folder / "ssh"
    program.write_text(
        f"#!/bin/sh\nexport BLENDER_TEXT3D_HOME='{home}' TEXT3D_WORKER_PYTHON='{worker_python}'\n"
        'for command; do :; done\nexec sh -c "$command"\n'
    )
    program.chmod(0o755)
    return program
