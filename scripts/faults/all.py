# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault, in the order of the table."""

from . import killed, memory

FAULTS = [*killed.FAULTS, *memory.FAULTS]
