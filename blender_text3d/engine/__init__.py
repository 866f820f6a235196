# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt to geometry: networks, samplers and surfaces. Imports torch, never bpy, and knows nobody who listens."""

import os

# Before torch is imported: its threads sleep while they wait. Spinning, they made a busy machine ten times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("KMP_BLOCKTIME", "0")
