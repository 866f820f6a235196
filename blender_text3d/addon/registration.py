# SPDX-License-Identifier: GPL-3.0-or-later
"""Registration of everything the add-on adds to Blender."""

import bpy

from . import handlers, keymap, menus, status_line
from .assets import task as keep_task
from .background.cluster_task import cluster_task
from .background.connection_task import connection_task
from .background.doctor_task import doctor_task
from .background.environment_task import environment_task
from .background.hub_card_task import hub_card_task
from .background.recording_task import recording_task
from .background.turntable_task import turntable_task
from .background.weights_task import weights_task
from .jobs import early_start, image_icons, poll_timer, queue_list, queue_timer, solid_view
from .jobs import encode_objects as object_encoding
from .jobs import live as live_drafts
from .operators import (
    add,
    assets,
    bake,
    blend,
    cluster,
    contact_sheet,
    doctor,
    drop_images,
    encode_objects,
    export,
    fixes,
    generate,
    images,
    live,
    lods,
    mesh,
    mesh_tools,
    new_version,
    old_results,
    parts,
    points,
    presets,
    prompt_history,
    prompt_words,
    recording,
    remesh,
    remote,
    rotate,
    surface,
    views,
    wedge,
    weights,
    word_swap,
)
from .operators import environment as environment_operators
from .operators import jobs as job_operators
from .operators import queue as queue_operators
from .operators import recipe as recipe_operators
from .operators import result_files as result_file_operators
from .operators import result_marks as result_mark_operators
from .operators import results as result_operators
from .operators import steps as step_operators
from .operators import turntable as turntable_operators
from .operators import versions as version_operators
from .panels import prompt_history as prompt_history_panel
from .panels.panel_order import PANELS
from .panels.preferences import TEXT3D_AddonPreferences
from .results import timer as results_timer
from .results import view
from .results.results_task import results_task
from .settings import faces, input_kind, point_radius, size, versions
from .settings.properties import TEXT3D_Settings
from .state.session_state import SessionState, state

OPERATORS = (
    *add.CLASSES,
    *assets.CLASSES,
    *bake.CLASSES,
    *blend.CLASSES,
    *cluster.CLASSES,
    *contact_sheet.CLASSES,
    *doctor.CLASSES,
    *generate.CLASSES,
    *images.CLASSES,
    *drop_images.CLASSES,
    *encode_objects.CLASSES,
    *export.CLASSES,
    *points.CLASSES,
    *job_operators.CLASSES,
    *live.CLASSES,
    *mesh.CLASSES,
    *mesh_tools.CLASSES,
    *remesh.CLASSES,
    *lods.CLASSES,
    *new_version.CLASSES,
    *presets.CLASSES,
    *prompt_history.CLASSES,
    *prompt_words.CLASSES,
    *queue_operators.CLASSES,
    *word_swap.CLASSES,
    *recipe_operators.CLASSES,
    *recording.CLASSES,
    *result_operators.CLASSES,
    *result_mark_operators.CLASSES,
    *result_file_operators.CLASSES,
    *old_results.CLASSES,
    *fixes.CLASSES,
    *environment_operators.CLASSES,
    *remote.CLASSES,
    *rotate.CLASSES,
    *surface.CLASSES,
    *parts.CLASSES,
    *step_operators.CLASSES,
    *turntable_operators.CLASSES,
    *version_operators.CLASSES,
    *views.CLASSES,
    *wedge.CLASSES,
    *weights.CLASSES,
    *solid_view.CLASSES,
)
CLASSES = (
    TEXT3D_AddonPreferences,
    TEXT3D_Settings,
    view.TEXT3D_ResultsView,
    queue_list.TEXT3D_QueueItem,
    *OPERATORS,
    *PANELS,
    *menus.CLASSES,
)


def register() -> None:
    """Register classes, scene settings, keymap and handlers."""
    for kind in CLASSES:
        bpy.utils.register_class(kind)
    bpy.types.Scene.text3d = bpy.props.PointerProperty(type=TEXT3D_Settings)  # type: ignore[attr-defined]
    versions.add()
    point_radius.add()
    size.add()
    faces.add()
    input_kind.add()
    prompt_history_panel.add()
    view.add()
    queue_list.add()
    keymap.add()
    menus.add()
    handlers.add()


def unregister() -> None:
    """Unregister everything; a running job is finished by its worker, and the object is offered next time."""
    handlers.remove()
    live_drafts.turn_off()
    poll_timer.stop()
    object_encoding.cancel()
    keep_task.cancel()
    early_start.cancel()
    status_line.reset()
    remove_previews()
    environment_task.detach()
    doctor_task.detach()
    connection_task.detach()
    weights_task.detach()
    hub_card_task.detach()
    recording_task.detach()
    turntable_task.detach()
    cluster_task.detach()
    results_task.detach()
    image_icons.clear()
    results_timer.reset()
    queue_timer.reset()
    reset_state()
    menus.remove()
    keymap.remove()
    prompt_history_panel.remove()
    queue_list.remove()
    view.remove()
    input_kind.remove()
    faces.remove()
    size.remove()
    point_radius.remove()
    versions.remove()
    del bpy.types.Scene.text3d  # type: ignore[attr-defined]
    for kind in reversed(CLASSES):
        bpy.utils.unregister_class(kind)


def remove_previews() -> None:
    """Remove all preview objects, which nothing would update any more."""
    if state.jobs:
        from ..scene.preview_object import delete_previews

        delete_previews()


def reset_state() -> None:
    """Close the session and reset the state, which can be read again from the job folders."""
    if state.session:
        state.session.close()
    vars(state).update(vars(SessionState()))
