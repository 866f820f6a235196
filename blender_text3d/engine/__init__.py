# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to geometry: networks, samplers and surfaces. Imports torch, never bpy, and knows nobody who listens."""
