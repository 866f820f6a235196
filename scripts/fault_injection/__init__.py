# SPDX-License-Identifier: GPL-3.0-or-later
"""Fault injection: real workers with the bundled models survive kills, full disks, corrupt files and more."""
