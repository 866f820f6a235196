# SPDX-License-Identifier: GPL-3.0-or-later
"""Child processes that Blender follows by a timer: environment, weights, doctor, disk usage."""
