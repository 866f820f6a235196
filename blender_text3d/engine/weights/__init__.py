# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights files: where they lie, what they hash to, and how they become networks."""
