# SPDX-License-Identifier: GPL-3.0-or-later
"""The names in .blend files that users already have."""

from blender_text3d.scene import names


def test_the_names_stored_in_files_never_change():
    stored = {name: value for name, value in vars(names).items() if name.isupper()}
    assert stored == {
        "COLLECTION": "Text3D",
        "COLOR": "Color",
        "MATERIAL": "Text3D Color",
        "COLOR_MATERIAL": "text3d_color_material",
        "TEXTURE": "Text3D Texture",
        "POINTS_NODES": "Text3D Points",
        "JOB_ID": "text3d_job_id",
        "RECIPE": "text3d_recipe",
        "OBJECT_ID": "text3d_object_id",
        "CAPTURED": "text3d_captured",
        "VERSIONS": "text3d_versions",
        "ACTIVE_VERSION": "text3d_active_version",
        "PREVIEW_JOB_ID": "text3d_forming",
        "MESH_REPORT": "text3d_mesh_report",
        "DECIMATE_MODIFIER": "Text3D Most Faces",
    }
