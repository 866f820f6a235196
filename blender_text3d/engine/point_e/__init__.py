# SPDX-License-Identifier: GPL-3.0-or-later
"""Point-E: prompt or image to coarse cloud to fine cloud to signed distance."""
