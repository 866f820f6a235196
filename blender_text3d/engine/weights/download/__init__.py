# SPDX-License-Identifier: GPL-3.0-or-later
"""Fetch checkpoints: one source after the other, resumed, verified, and moved into place atomically."""
