# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault, in the order of the table."""

from . import blenders, crowds, disks, journals, killed, memory, renewals, slowness

FAULTS = [
    *killed.FAULTS,
    *memory.FAULTS,
    *blenders.FAULTS,
    *renewals.FAULTS,
    *disks.FAULTS,
    *slowness.FAULTS,
    *journals.FAULTS,
    *crowds.FAULTS,
]
