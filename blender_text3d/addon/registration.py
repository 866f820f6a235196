# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the add-on adds to Blender, and its taking back."""

import bpy

from . import (
    examining,
    fetching,
    handlers,
    keymap,
    operators_bake,
    operators_doctor,
    operators_generate,
    operators_jobs,
    operators_mesh,
    operators_recipe,
    operators_remedy,
    operators_setup,
    operators_turn,
    operators_weights,
    panel_jobs,
    panel_main,
    panel_recipe,
    panel_setup,
    pictures,
    point_radius,
    pump,
    setting_up,
    solid_view,
)
from .live import Desk, desk
from .preferences import TEXT3D_AddonPreferences
from .properties import TEXT3D_Settings

CLASSES = (
    TEXT3D_AddonPreferences,
    TEXT3D_Settings,
    *operators_bake.CLASSES,
    *operators_doctor.CLASSES,
    *operators_generate.CLASSES,
    *operators_jobs.CLASSES,
    *operators_mesh.CLASSES,
    *operators_recipe.CLASSES,
    *operators_remedy.CLASSES,
    *operators_setup.CLASSES,
    *operators_turn.CLASSES,
    *operators_weights.CLASSES,
    *panel_main.CLASSES,
    *panel_jobs.CLASSES,
    *panel_recipe.CLASSES,
    *panel_setup.CLASSES,
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
    pump.stop()
    remove_previews()
    setting_up.let_go()
    examining.let_go()
    fetching.let_go()
    pictures.forget()
    close_desk()
    keymap.remove()
    point_radius.remove()
    del bpy.types.Scene.text3d
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)


def remove_previews() -> None:
    """Nobody would feed them any more, nor take them away before Blender undoes."""
    if desk.jobs:
        from ..scene.forming import remove_forming

        remove_forming()


def close_desk() -> None:
    """Let the worker go, and forget everything: the job folders know it all."""
    if desk.session:
        desk.session.close()
    vars(desk).update(vars(Desk()))
