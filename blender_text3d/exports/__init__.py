# SPDX-License-Identifier: GPL-3.0-or-later
"""Finished jobs and objects of a scene → files for other programs.

Those of jobs have their size in meters, the foot at 0, rotation and names as in Blender.
"""
