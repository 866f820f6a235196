# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker on another machine over SSH: the relay here, which Blender starts in its place, and the agent there."""
