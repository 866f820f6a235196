# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that makes meshes of the points of the selected objects."""

import bpy

from ..state.name_list import quoted_names
from .bake import busy_cursor
from .poll import is_in_object_mode, is_met

SHAPE_ITEMS = (
    ("VERTICES", "Vertices", "One vertex per point, without faces. The radius stays as an attribute", 0),
    ("CUBES", "Cubes", "One cube per point, the smallest mesh with a surface", 1),
    ("SPHERES", "Spheres", "One icosphere per point", 2),
)


class TEXT3D_OT_points_to_mesh(bpy.types.Operator):
    """Make a mesh of each selected point cloud, with its colors, which other programs and Blender's exporters take"""

    bl_idname = "text3d.points_to_mesh"
    bl_label = "Points to Mesh"
    bl_options = {"REGISTER", "UNDO"}

    shape: bpy.props.EnumProperty(
        name="Shape", description="What each point becomes", items=SHAPE_ITEMS, default="SPHERES"
    )
    subdivisions: bpy.props.IntProperty(
        name="Subdivisions", description="Of spheres: each makes four times the faces", default=1, min=0, max=3
    )
    size: bpy.props.FloatProperty(
        name="Size", description="Factor of the points' radius", default=1.0, min=0.001, max=100.0, soft_max=4.0
    )
    keep_original: bpy.props.BoolProperty(
        name="Keep Original", description="Hide the point cloud instead of deleting it", default=True
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not is_in_object_mode(cls, context):
            return False
        return is_met(cls, context.selected_objects, "No object is selected")

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ...scene.points_to_mesh import ConversionError, points_mesh, replace_by_mesh
        from ...scene.shown_points import shown_points

        selected = list(context.selected_objects)
        made, problems, without_points = 0, [], []
        with busy_cursor(context):
            found = shown_points(selected)
            for target in selected:
                points = found.get(target.session_uid)
                if points is None:
                    without_points.append(target.name)
                    continue
                try:
                    data = points_mesh(points, self.shape, self.subdivisions, self.size)
                except ConversionError as error:
                    problems.append(str(error))
                    continue
                replace_by_mesh(target, data, keep_original=self.keep_original)
                made += 1
        return self.reported(made, problems, without_points)

    def reported(self, made: int, problems: list[str], without_points: list[str]) -> set[str]:
        """Tell what was made and what was not."""
        if without_points:
            problems.append(f"No points in {quoted_names(without_points)}.")
        if not made:
            self.report({"ERROR"}, " ".join(problems))
            return {"CANCELLED"}
        count = "1 mesh" if made == 1 else f"{made} meshes"
        self.report({"WARNING" if problems else "INFO"}, " ".join([f"Made {count}.", *problems]))
        return {"FINISHED"}

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.use_property_split = True
        self.layout.prop(self, "shape")
        if self.shape == "SPHERES":
            self.layout.prop(self, "subdivisions")
        if self.shape != "VERTICES":
            self.layout.prop(self, "size")
        self.layout.prop(self, "keep_original")


CLASSES = (TEXT3D_OT_points_to_mesh,)
