# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of checkpoint files that never run code in them."""
