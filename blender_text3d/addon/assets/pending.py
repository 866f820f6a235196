# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogs of the open file, which has no folder for them until it is saved."""

pending_catalogs: set[str] = set()
