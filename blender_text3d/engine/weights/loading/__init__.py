# SPDX-License-Identifier: GPL-3.0-or-later
"""Tensors into a network."""
