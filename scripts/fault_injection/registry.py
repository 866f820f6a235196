# SPDX-License-Identifier: GPL-3.0-or-later
"""All faults in the order of the table."""

from .scenarios import (
    batches,
    blender_disk_full,
    blender_killed,
    clocks,
    concurrent_processes,
    corrupt_journal,
    disk_full,
    environments,
    out_of_memory,
    pipelines,
    reboots,
    slow_disk,
    two_blenders,
    upgrades,
    worker_disk_full,
    worker_killed,
)

FAULTS = [
    *worker_killed.FAULTS,
    *out_of_memory.FAULTS,
    *pipelines.FAULTS,
    *batches.FAULTS,
    *blender_killed.FAULTS,
    *upgrades.FAULTS,
    *disk_full.FAULTS,
    *worker_disk_full.FAULTS,
    *blender_disk_full.FAULTS,
    *slow_disk.FAULTS,
    *clocks.FAULTS,
    *corrupt_journal.FAULTS,
    *environments.FAULTS,
    *concurrent_processes.FAULTS,
    *two_blenders.FAULTS,
    *reboots.FAULTS,
]
