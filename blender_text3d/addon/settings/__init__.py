# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user chose: scene properties, preferences and their conflicts."""
