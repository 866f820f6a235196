# SPDX-License-Identifier: GPL-3.0-or-later
"""Offline kits: everything that setup would download, in a folder."""
