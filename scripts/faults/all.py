# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault, in the order of the table."""

from . import (
    batches,
    blenders,
    clocks,
    crowds,
    disks,
    environments,
    journals,
    killed,
    memory,
    own_writes,
    reboots,
    renewals,
    slowness,
    two_blenders,
    ways,
    writes,
)

FAULTS = [
    *killed.FAULTS,
    *memory.FAULTS,
    *ways.FAULTS,
    *batches.FAULTS,
    *blenders.FAULTS,
    *renewals.FAULTS,
    *disks.FAULTS,
    *writes.FAULTS,
    *own_writes.FAULTS,
    *slowness.FAULTS,
    *clocks.FAULTS,
    *journals.FAULTS,
    *environments.FAULTS,
    *crowds.FAULTS,
    *two_blenders.FAULTS,
    *reboots.FAULTS,
]
