# SPDX-License-Identifier: GPL-3.0-or-later
"""Files, locks, processes and consoles: everything that differs between operating systems. Standard library only."""
