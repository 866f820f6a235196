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
        "WHOLE": "text3d_whole",
        "PART": "text3d_part",
        "PART_VERTEX": "text3d_vertex",
        "PART_FACE": "text3d_face",
        "POINTS_NODES": "Text3D Points",
        "STEPS_NODES": "Text3D Steps",
        "JOB_ID": "text3d_job_id",
        "RECIPE": "text3d_recipe",
        "OBJECT_ID": "text3d_object_id",
        "CAPTURED": "text3d_captured",
        "ASSET_TAGS": "text3d_asset_tags",
        "VERSIONS": "text3d_versions",
        "ACTIVE_VERSION": "text3d_active_version",
        "PREVIEW_JOB_ID": "text3d_forming",
        "MATERIAL_LOOK": "text3d_material_look",
        "MESH_REPORT": "text3d_mesh_report",
        "DECIMATE_MODIFIER": "Text3D Most Faces",
        "SMOOTH_NODES": "Text3D Smooth",
        "LOD_OF": "text3d_lod_of",
    }
