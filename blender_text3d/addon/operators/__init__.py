# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators, one file per group of buttons."""
