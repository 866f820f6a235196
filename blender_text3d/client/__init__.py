# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of the worker: start it, submit, follow, cancel and recover jobs. No threads, no bpy."""
