# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults while thousands of objects are made by several processes: each object must be there exactly once."""
