# SPDX-License-Identifier: GPL-3.0-or-later
"""Run all checks, from the most basic to the most specific. A check that crashes does not stop the others."""

from collections.abc import Callable, Iterator

from .checks import blenders, clock_and_paths, disk, environment, models, network, packages, sample_job
from .context import Context
from .finding import BAD, Finding

Check = Callable[[Context], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (
    blenders.blender_version,
    environment.this_python,
    blenders.copies,
    environment.environment,
    environment.lock,
    packages.packages,
    models.shipped,
    models.official,
    disk.free_space,
    disk.jobs_folder,
    disk.real_disk,
    network.proxies,
    blenders.online_access,
    network.viewer_port,
    clock_and_paths.clock,
    clock_and_paths.long_paths,
    sample_job.sample_job,
)


def run_checks(context: Context, checks: tuple[Check, ...] = CHECKS) -> Iterator[Finding]:
    """Yield the findings as they are made."""
    for check in checks:
        try:
            yield from check(context)
        except Exception as error:  # machines differ in unexpected ways, and the other findings are still useful
            name: str = getattr(check, "__name__", "check")
            found = f"this check crashed ({type(error).__name__}: {error})"
            yield Finding(name, name.replace("_", " ").capitalize(), BAD, found, "", "Report it with the other lines.")
