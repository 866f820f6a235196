# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished jobs → files for other programs: size in meters, foot at 0, rotation and names as in Blender."""
