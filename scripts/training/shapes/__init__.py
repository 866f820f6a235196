# SPDX-License-Identifier: GPL-3.0-or-later
"""The procedural catalog of colored shapes."""
