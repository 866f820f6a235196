# SPDX-License-Identifier: GPL-3.0-or-later
"""The official encoder: a point cloud and views of an object to a latent."""
