# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to 3D for Blender: type a prompt, get an object.

Nothing is imported here at module level: the worker runs ``python -m blender_text3d.worker`` in a Python without bpy.
"""


def register() -> None:
    """Add the add-on's classes, properties and timer to Blender."""
    from . import addon

    addon.register()


def unregister() -> None:
    """Take back everything that register added."""
    from . import addon

    addon.unregister()
