# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking the models' files out of an offline kit, by the same command line as ever."""

from collections.abc import Callable
from pathlib import Path

from ...system.run_logged import Log, run_logged
from ...system.run_module import python_options
from ..errors import SetupFailed
from ..paths import HOME_VARIABLE, log_path, worker_python

PACKAGE = Path(__file__).absolute().parents[2]


def import_weights(env_dir: Path, weights: Path, report: Callable[[str, float], None]) -> None:
    """Bring a kit's files into the weights folder beside an environment; those that are there already stay.

    Raises:
        SetupFailed: A file was not taken.
    """
    report("Taking the models' files from the kit", 0.99)
    command = [worker_python(env_dir), "-B", *python_options(PACKAGE, "engine.weights"), "import", weights]
    variables = {HOME_VARIABLE: str(env_dir.parent)}
    ended = run_logged(command, Log(log_path(env_dir)), variables=variables, cwd=PACKAGE.parent)
    if ended.code and "Nothing that is missing" not in ended.output:
        raise SetupFailed(
            f"The environment is ready, but the models' files were not taken from {weights}. {ended.last_line}",
            "Import them from that folder once more.",
        )
