# SPDX-License-Identifier: GPL-3.0-or-later
"""Many objects: what a list names becomes files of a folder, each once, by any number of processes. No bpy."""
