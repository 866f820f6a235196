# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the add-on adds to Blender, and its taking back."""

import bpy

from . import handlers, keymap
from .background import doctor_task, environment_task, weights_task
from .jobs import image_icons, poll_timer, solid_view
from .operators import bake, doctor, fixes, generate, mesh, rotate, weights
from .operators import environment as environment_operators
from .operators import jobs as job_operators
from .operators import recipe as recipe_operators
from .panels import environment as environment_panel
from .panels import jobs as jobs_panel
from .panels import main as main_panel
from .panels import recipe as recipe_panel
from .panels.preferences import TEXT3D_AddonPreferences
from .settings import point_radius
from .settings.properties import TEXT3D_Settings
from .state.session_state import SessionState, state

CLASSES = (
    TEXT3D_AddonPreferences,
    TEXT3D_Settings,
    *bake.CLASSES,
    *doctor.CLASSES,
    *generate.CLASSES,
    *job_operators.CLASSES,
    *mesh.CLASSES,
    *recipe_operators.CLASSES,
    *fixes.CLASSES,
    *environment_operators.CLASSES,
    *rotate.CLASSES,
    *weights.CLASSES,
    *main_panel.CLASSES,
    *jobs_panel.CLASSES,
    *recipe_panel.CLASSES,
    *environment_panel.CLASSES,
    *solid_view.CLASSES,
)


def register() -> None:
    """Classes, the scene's settings, Esc, and the listeners."""
    for kind in CLASSES:
        bpy.utils.register_class(kind)
    bpy.types.Scene.text3d = bpy.props.PointerProperty(type=TEXT3D_Settings)
    point_radius.add()
    keymap.add()
    handlers.add()


def unregister() -> None:
    """All of it back; a worker in the middle of a job finishes it, and the object is offered next time."""
    handlers.remove()
    poll_timer.stop()
    remove_previews()
    environment_task.detach()
    doctor_task.detach()
    weights_task.detach()
    image_icons.forget()
    close_desk()
    keymap.remove()
    point_radius.remove()
    del bpy.types.Scene.text3d
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)


def remove_previews() -> None:
    """Nobody would feed them any more, nor take them away before Blender undoes."""
    if state.jobs:
        from ..scene.preview_object import remove_forming

        remove_forming()


def close_desk() -> None:
    """Let the worker go, and forget everything: the job folders know it all."""
    if state.session:
        state.session.close()
    vars(state).update(vars(SessionState()))
