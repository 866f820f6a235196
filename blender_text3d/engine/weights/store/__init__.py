# SPDX-License-Identifier: GPL-3.0-or-later
"""Which weights are on this machine, and whether they are trusted."""
