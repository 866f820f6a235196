# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights files: their catalogue, download, verification, formats, and loading into networks."""
