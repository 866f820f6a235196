# SPDX-License-Identifier: GPL-3.0-or-later
"""Text to 3D for Blender: type a prompt, get an object.

Nothing is imported here at module level: the worker runs ``python -m blender_text3d.worker`` in a Python without bpy.
"""


class glTF2ExportUserExtension:
    """Our part of Blender's glTF export."""

    def gather_mesh_hook(self, gltf_mesh, data, target, groups, modifiers, materials, settings):  # type: ignore[no-untyped-def]
        """Leave out colors that were baked to a texture; called by the exporter for each mesh."""
        from .addon.gltf_export import leave_out_baked_colors

        leave_out_baked_colors(gltf_mesh, data, materials, settings)

    def gather_node_hook(self, node, target, settings):  # type: ignore[no-untyped-def]
        """Warn of a point cloud, which the exporter leaves out; called by it for each object."""
        from .addon.gltf_export import warn_of_points

        warn_of_points(target, settings)


def register() -> None:
    """Add the add-on's classes, properties and timers to Blender."""
    from .addon import registration

    registration.register()


def unregister() -> None:
    """Take back everything that register added."""
    from .addon import registration

    registration.unregister()
