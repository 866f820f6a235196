# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene.text3d_faces and Scene.text3d_face_share: faces of the active and the selected meshes, changed live.

They are the ratio of the add-on's Decimate modifier, counted in faces. Not stored: the modifiers keep the value.
"""

import bpy

NAME, SHARE_NAME = "text3d_faces", "text3d_face_share"
MAX_FACES = 10_000_000


def get_faces(scene: bpy.types.Scene) -> int:
    """Return the faces of the active mesh, or of the first selected one; 0 without a mesh."""
    from ...scene.decimate import face_limit

    target = first_mesh()
    return face_limit(target) if target else 0


def put_faces(scene: bpy.types.Scene, faces: int) -> None:
    """Leave the same number of faces of each mesh."""
    from ...scene.decimate import set_face_limit

    for target in meshes():
        set_face_limit(target, faces)


def get_share(scene: bpy.types.Scene) -> float:
    """Return the share of faces of the active mesh in percent; 100 without a mesh."""
    from ...scene.decimate import face_limit, triangle_count

    target = first_mesh()
    return 100 * face_limit(target) / triangle_count(target.data) if target else 100.0  # type: ignore[arg-type]


def put_share(scene: bpy.types.Scene, percent: float) -> None:
    """Leave the same share of faces of each mesh."""
    from ...scene.decimate import set_face_limit, triangle_count

    for target in meshes():
        set_face_limit(target, percent / 100 * triangle_count(target.data))  # type: ignore[arg-type]


def first_mesh() -> bpy.types.Object | None:
    """Return the active mesh, or the first selected one; the panel reads it with every redraw."""
    from ...scene.mesh_selection import reason_without_modifiers

    layer = bpy.context.view_layer
    active = layer.objects.active if layer else None
    if active is not None and not reason_without_modifiers(active):
        return active
    return next(iter(meshes()), None)


def meshes() -> list[bpy.types.Object]:
    """Return the active mesh and the selected ones, as far as they can get a modifier."""
    from ...scene.mesh_selection import reason_without_modifiers, selected_objects, sort_out

    layer = bpy.context.view_layer
    return sort_out(selected_objects(layer), reason_without_modifiers)[0] if layer else []


def add() -> None:
    """Add the properties to all scenes."""
    faces = bpy.props.IntProperty(
        name="Faces", description="Triangles of each selected mesh. A Decimate modifier leaves out the others",
        min=0, max=MAX_FACES, options=set(), get=get_faces, set=put_faces,
    )  # fmt: skip
    share = bpy.props.FloatProperty(
        name="Share of Faces", description="Share of the triangles of each selected mesh. A Decimate modifier leaves "
        "out the others; 100% removes it", subtype="PERCENTAGE", min=0.0, max=100.0, precision=1, options=set(),
        get=get_share, set=put_share,
    )  # fmt: skip
    setattr(bpy.types.Scene, NAME, faces)
    setattr(bpy.types.Scene, SHARE_NAME, share)


def remove() -> None:
    """Remove the properties."""
    delattr(bpy.types.Scene, SHARE_NAME)
    delattr(bpy.types.Scene, NAME)
