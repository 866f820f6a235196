# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to 3D for Blender: type a prompt, get an object.

Nothing is imported here at module level: the worker runs ``python -m blender_text3d.worker`` in a Python without bpy.
"""


def register() -> None:
    """Add the add-on's classes, properties and timers to Blender."""
    from .addon import registration

    registration.register()


def unregister() -> None:
    """Take back everything that register added."""
    from .addon import registration

    registration.unregister()
