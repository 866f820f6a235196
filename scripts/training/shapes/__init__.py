# SPDX-License-Identifier: GPL-3.0-or-later
"""The procedural catalogue of coloured shapes."""
