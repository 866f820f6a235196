# SPDX-License-Identifier: GPL-3.0-or-later
"""Point-E: a prompt or an image becomes a coarse cloud, a fine cloud, a signed distance."""
