# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the files that can be exported into a job folder, by version 0.1.0 with every job."""

PARTS = ("mesh", "cloud")
EXPORT_FORMATS = ("glb", "ply", "obj", "stl", "3mf", "usd")

EXPORTED_FILES = tuple(f"{part}.{name}" for part in PARTS for name in EXPORT_FORMATS)
