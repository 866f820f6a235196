# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of what the add-on stores in .blend files. Changing one loses the objects of older files."""

COLLECTION = "Text3D"
COLOR = "Color"
MATERIAL = "Text3D Color"
TEXTURE = "Text3D Texture"
POINTS_NODES = "Text3D Points"
JOB_ID = "text3d_job_id"
RECIPE = "text3d_recipe"
PREVIEW_JOB_ID = "text3d_forming"
MESH_REPORT = "text3d_mesh_report"
DECIMATE_MODIFIER = "Text3D Most Faces"
