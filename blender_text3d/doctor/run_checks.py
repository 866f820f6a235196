# SPDX-License-Identifier: GPL-3.0-or-later
"""Every look, in the order in which one would ask; one that breaks says so and stops no other."""

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


def run_checks(case: Context, checks: tuple[Check, ...] = CHECKS) -> Iterator[Finding]:
    """All findings, as they come."""
    for check in checks:
        try:
            yield from check(case)
        except Exception as error:  # a machine may be odd in ways that nobody foresaw, and the rest is worth knowing
            found = f"this look broke off ({type(error).__name__}: {error})"
            fix = "Report it with the other lines."
            yield Finding(check.__name__, check.__name__.replace("_", " ").capitalize(), BAD, found, "", fix)
