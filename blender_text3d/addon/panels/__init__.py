# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels and the preferences page: everything that is drawn."""
