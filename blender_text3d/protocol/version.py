# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of the add-on and the engine, which every job records.

The only place that sets it: blender_manifest.toml and pyproject.toml are checked against it by a test.
"""

ENGINE_VERSION = "0.1.0"
