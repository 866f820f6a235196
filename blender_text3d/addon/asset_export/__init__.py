# SPDX-License-Identifier: GPL-3.0-or-later
"""Selected objects → files for other programs, by preset. Imported when an export runs: it needs numpy."""
