# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults to survive, a file for each family. Each drives real workers with the models that ship."""
