# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator that renders a turntable of the selected objects, and the one that cancels it."""

from pathlib import Path
from typing import Any

import bpy

from ...protocol.models import MODELS
from ...protocol.request import MAX_VIEWS
from ..background.turntable_task import turntable_task
from ..jobs import from_recipe, turntable
from ..state.problem import Problem, SubmitError
from ..state.session_state import state
from .background_process import StopOperator, wait_for
from .file_paths import RELATIVE, is_without_file
from .generate import fail, wait
from .mesh_tools import MeshOperator
from .poll import is_met
from .recipe import active_recipe

IMAGES, VIDEO, GRID = "IMAGES", "VIDEO", "GRID"
OUTPUT_ITEMS = (
    (IMAGES, "Images", "A folder with a PNG image for each frame", 0),
    (VIDEO, "Video", "An MP4 file. It has no transparency", 1),
    (GRID, "Grid", "One PNG image with all frames side by side", 2),
)
SUFFIXES = {IMAGES: "", VIDEO: ".mp4", GRID: ".png"}
BLENDER, NERF = "BLENDER", "NERF"
RENDERER_ITEMS = (
    (BLENDER, "Blender", "The selected objects as they are, in a scene of their own", 0),
    (NERF, "NeRF", "The field that Shap-E made of the active object, without edits", 1),
)
ENGINE_ITEMS = (
    ("CYCLES", "Cycles", "On every machine, on the CPU", 0),
    ("EEVEE", "EEVEE", "Fast with a graphics card", 1),
    ("WORKBENCH", "Workbench", "Plain colors, as in Solid view", 2),
)
BACKGROUND_ITEMS = (
    ("TRANSPARENT", "Transparent", "No background; a video gets a white one", 0),
    ("COLOR", "Color", "One color", 1),
)
NOT_RENDERED = ("CAMERA", "LIGHT", "LIGHT_PROBE", "SPEAKER", "ARMATURE", "LATTICE")
MAX_NERF_SIDE = 1024


class TEXT3D_OT_render_turntable(MeshOperator, bpy.types.Operator):
    """Render the selected objects from all around, in a background Blender. The scene stays as it is"""

    bl_idname = "text3d.render_turntable"
    bl_label = "Render Turntable"
    bl_options = {"REGISTER"}  # type: ignore[assignment]

    filepath: bpy.props.StringProperty(
        name="File", description="Folder of the images, or file of the video or the grid", subtype="FILE_PATH",
        options=RELATIVE,
    )  # fmt: skip
    filter_glob: bpy.props.StringProperty(default="*.png;*.mp4", options={"HIDDEN"})
    output: bpy.props.EnumProperty(name="Output", description="What is written", items=OUTPUT_ITEMS, default=VIDEO)
    renderer: bpy.props.EnumProperty(name="Renderer", description="What renders the frames", items=RENDERER_ITEMS)
    frames: bpy.props.IntProperty(
        name="Frames", description="Number of views all around", default=36, min=1, max=MAX_VIEWS
    )
    size: bpy.props.IntProperty(
        name="Size", description="Width and height of a frame in pixels", default=512, min=16, max=4096, soft_max=1024
    )
    elevation: bpy.props.FloatProperty(
        name="Elevation", description="Height of the camera over the horizon", default=0.35, min=-1.57, max=1.57,
        subtype="ANGLE",
    )  # fmt: skip
    engine: bpy.props.EnumProperty(name="Engine", description="Render engine", items=ENGINE_ITEMS)
    samples: bpy.props.IntProperty(
        name="Samples", description="Samples per pixel of Cycles and EEVEE", default=16, min=1, max=4096, soft_max=256
    )
    background: bpy.props.EnumProperty(name="Background", description="Background", items=BACKGROUND_ITEMS)
    color: bpy.props.FloatVectorProperty(
        name="Color", description="Color of the background", subtype="COLOR_GAMMA", default=(1, 1, 1), min=0, max=1
    )
    fps: bpy.props.IntProperty(
        name="Frame Rate", description="Frames per second of the video", default=24, min=1, max=120
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        is_free = not turntable_task.is_running() and not turntable.waiting
        return super().poll(context) and is_met(cls, is_free, "A turntable is being rendered")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if not self.filepath:
            active = context.view_layer.objects.active
            self.filepath = bpy.path.clean_name(active.name if active else "turntable") + SUFFIXES[self.output]
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """Give the file in the file browser the suffix of the output."""
        before, self.filepath = self.filepath, str(with_suffix(self.filepath, self.output))
        return self.filepath != before

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_split, layout.use_property_decorate = True, False
        is_nerf = self.renderer == NERF
        for name in ("output", "renderer", "frames", "size"):
            layout.prop(self, name)
        for name in () if is_nerf else ("elevation", "engine", "samples"):
            layout.prop(self, name)
        layout.prop(self, "background")
        if self.background == "COLOR":
            layout.prop(self, "color")
        if self.output == VIDEO:
            layout.prop(self, "fps")

    def execute(self, context: bpy.types.Context) -> set[str]:
        path = self.chosen_path()
        if path is None:
            return fail(self, Problem("No file was chosen for the turntable.", "Choose one, or save the scene first."))
        state.problem = None
        state.notices.clear()
        return self.render_nerf(context, path) if self.renderer == NERF else self.render_objects(context, path)

    def chosen_path(self) -> Path | None:
        """Return the absolute path with the suffix of the output, or None without one."""
        if not self.filepath.strip() or is_without_file(self.filepath):
            return None
        return with_suffix(bpy.path.abspath(self.filepath), self.output).absolute()

    def settings(self, path: Path) -> Any:
        """Return the settings for a turntable in a file."""
        from ...scene.turntable_files import TurntableSettings

        background = list(self.color) if self.background == "COLOR" else None
        return TurntableSettings(
            [], [], [], 1, 0.0, self.engine, self.samples, self.frames, self.size, self.elevation, background,
            self.output, str(path), self.fps,
        )  # fmt: skip

    def render_objects(self, context: bpy.types.Context, path: Path) -> set[str]:
        """Render the selected objects, and name those that show nothing."""
        from ...scene.mesh_selection import selected_objects, skipped_text, sort_out
        from ...scene.turntable_files import write_objects

        targets, skipped = sort_out(selected_objects(context.view_layer), reason_not_to_render)
        if not targets:
            return self.finish("", skipped)
        settings = self.settings(path)
        try:
            turntable_task.render(lambda folder: write_objects(folder, targets, settings), path, self.frames)
        except (OSError, RuntimeError) as error:
            return fail(self, Problem(f"The turntable could not be started ({error}).", "Check the disk."))
        if skipped:
            self.report({"WARNING"}, skipped_text(skipped))
        return wait_for(self, turntable_task)

    def render_nerf(self, context: bpy.types.Context, path: Path) -> set[str]:
        """Queue the job that renders the views of the active object's field."""
        recipe = active_recipe(context) or {}
        model = MODELS.get(str(recipe.get("model")))
        if model is None or not model.has_latent:
            return fail(self, Problem("NeRF needs an active object that Shap-E has made.", "Choose Blender instead."))
        views = {"view_mode": "nerf", "view_size": min(self.size, MAX_NERF_SIDE)}
        try:
            (job,) = from_recipe.refine(
                {**recipe, **views}, context.scene, int(recipe.get("grid", 0)), None, self.frames
            )
        except (SubmitError, ValueError, TypeError) as error:
            problem = error.problem if isinstance(error, SubmitError) else Problem(f"The recipe is invalid ({error}).")
            return fail(self, problem)
        turntable.wait_for_views(job.folder, self.settings(path))
        if not bpy.app.background:
            return {"FINISHED"}
        wait(self, [job])
        turntable.start_ready()
        return wait_for(self, turntable_task)


class TEXT3D_OT_cancel_turntable(StopOperator, bpy.types.Operator):
    """Cancel the turntable"""

    bl_idname = "text3d.cancel_turntable"
    task = turntable_task


def with_suffix(path: str, output: str) -> Path:
    """Return a path with the suffix of an output in place of that of another one."""
    chosen = Path(path)
    is_known = chosen.suffix.lower() in SUFFIXES.values()
    stem = chosen.with_suffix("") if is_known and chosen.suffix and chosen.stem else chosen
    return stem.with_name(stem.name + SUFFIXES[output])


def reason_not_to_render(target: bpy.types.Object) -> str:
    """Return why an object shows nothing in a render, or ""."""
    if target.type in NOT_RENDERED or (target.type == "EMPTY" and target.instance_type != "COLLECTION"):
        return "nothing to render"
    return ""


CLASSES = (TEXT3D_OT_render_turntable, TEXT3D_OT_cancel_turntable)
