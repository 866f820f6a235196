# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators on the view of a three-step model: make candidates, pick one, choose the pipeline that makes them."""

import random

import bpy

from ...protocol.failures import Reason
from ...protocol.request import SEEDS
from ..background.hub_card_task import hub_card_task
from ..jobs import views
from ..settings.choices import choices
from ..settings.view_settings import DIFFUSERS, makes_views, pipeline
from ..state.problem import Problem, environment_problem, reason_of_python
from ..state.session_state import state
from ..state.weight_files import Transfer
from .background_process import FolderOperator, wait_for
from .generate import WorkerOperator, fail, start
from .poll import is_met
from .weights import WeightsOperator
from .weights import start as start_transfer

OFFLINE = Problem(
    "Online access is off, so the hub cannot be reached.",
    "Allow it in Preferences > System > Network, or choose the folder of a pipeline.",
    Reason.OFFLINE,
)


class ViewOperator(WorkerOperator):
    """An operator for models that make a view first."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        is_able = makes_views(context.scene.text3d)
        return is_met(cls, is_able, "Requires a three-step model") and super().poll(context)


class TEXT3D_OT_generate_views(ViewOperator, bpy.types.Operator):
    """Make images of the prompt to pick from, and no object yet"""

    bl_idname = "text3d.generate_views"
    bl_label = "Generate Views"

    has_new_seed: bpy.props.BoolProperty(
        name="New Seed", description="Use another seed than the last views", options={"SKIP_SAVE"}
    )

    @classmethod
    def description(cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties) -> str:
        return "Make other views of the prompt, with another seed" if properties.has_new_seed else cls.__doc__

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self.has_new_seed:
            context.scene.text3d.seed = random.randrange(SEEDS)
        return start(self, views.generate_views, context.scene)


class TEXT3D_OT_pick_view(ViewOperator, bpy.types.Operator):
    """Generate the object of this view. The view stays the image if you choose another model"""

    bl_idname = "text3d.pick_view"
    bl_label = "Pick View"
    bl_options = {"INTERNAL"}

    index: bpy.props.IntProperty(name="View", description="Number of the view, from 0", min=0)

    def execute(self, context: bpy.types.Context) -> set[str]:
        return start(self, views.pick_view, context.scene, self.index)


class TEXT3D_OT_choose_pipeline(FolderOperator, bpy.types.Operator):
    """Choose the folder of a saved Diffusers pipeline as the image model"""

    bl_idname = "text3d.choose_pipeline"
    bl_label = "Choose Pipeline"
    bl_options = {"INTERNAL", "UNDO"}
    wanted = "the folder of a saved pipeline"

    def run(self, folder: str) -> set[str]:
        settings = bpy.context.scene.text3d
        settings.pipeline, settings.image_model = folder, DIFFUSERS
        state.problem = None
        return {"FINISHED"}


class TEXT3D_OT_read_pipeline_card(bpy.types.Operator):
    """Read the license and the size of the pipeline on the Hugging Face hub. Downloads none of its files"""

    bl_idname = "text3d.read_pipeline_card"
    bl_label = "Read License"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_met(cls, not hub_card_task.is_running(), "A license is already being read")

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not bpy.app.online_access:
            return fail(self, OFFLINE)
        state.problem = environment_problem(choices())
        if state.problem:
            return fail(self, state.problem)
        try:
            hub_card_task.start(pipeline(context.scene.text3d))
        except OSError as error:
            reason = reason_of_python(choices())
            return fail(self, Problem(f"Python could not be started: {error}.", reason=reason))
        return wait_for(self, hub_card_task)


class TEXT3D_OT_fetch_pipeline(WeightsOperator, bpy.types.Operator):
    """Agree to the license and download the pipeline. A canceled download is resumed the next time"""

    bl_idname = "text3d.fetch_pipeline"
    bl_label = "Download"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        is_shown = pipeline(context.scene.text3d) in hub_card_task.cards
        return is_met(cls, is_shown, "Read its license first") and super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if not bpy.app.online_access:
            return fail(self, OFFLINE)
        name = pipeline(context.scene.text3d)
        size = int(hub_card_task.cards[name].get("bytes", 0))
        transfer = Transfer("Downloading", "", {name: size})
        return start_transfer(self, transfer, "fetch", "--accept-license", f"hub:{name}")


CLASSES = (
    TEXT3D_OT_generate_views,
    TEXT3D_OT_pick_view,
    TEXT3D_OT_choose_pipeline,
    TEXT3D_OT_read_pipeline_card,
    TEXT3D_OT_fetch_pipeline,
)
