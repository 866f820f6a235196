# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's end of the work: start a worker, submit jobs, follow them, cancel, recover. No threads, no bpy."""
