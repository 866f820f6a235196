# SPDX-License-Identifier: GPL-3.0-or-later
"""How the small models are made: a procedural catalogue, training, evaluation."""
