# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the panel that exclude each other, each with a message and the value that fixes it."""

import os
import sys

import bpy

from ...protocol.models import DEFAULT_QUALITY, MODELS, ModelInfo
from ...protocol.request import VIEWER
from ...system.lazy_dataclass import lazy_dataclass
from .choices import choices
from .input_kind import IMAGE, TEXT, accepted_inputs, input_kind
from .properties import OUTPUT_LABELS, TEXT3D_Settings, quality_label
from .remote_paths import is_remote_path, is_remote_viewer
from .view_settings import DIFFUSERS, OWN, makes_views, pipeline

OUTPUT_NOUNS = {"mesh": "meshes", "cloud": "point clouds", "both": "meshes with points"}
DEVICES = {"mps": "Apple GPUs (MPS)", "cuda": "NVIDIA GPUs (CUDA)"}
VIEWER_FORM = "The live view address must start with rerun+http:// and include a host and a port."


@lazy_dataclass(frozen=True)
class Conflict:
    """Two settings that exclude each other.

    Attributes:
        message: One sentence for the user.
        name: The property that fixes it, or "" if the user must choose.
        value: The value that fixes it.
        label: Text of the button that sets the value.
        is_blocking: True if nothing can be generated; otherwise a setting just has no effect.
    """

    message: str
    name: str = ""
    value: str = ""
    label: str = ""
    is_blocking: bool = True


def conflicts(settings: TEXT3D_Settings) -> list[Conflict]:
    """Return all conflicts, blocking ones first."""
    model = MODELS.get(settings.model)
    if model is None:
        return []
    found = [
        *output_conflicts(settings, model),
        *image_conflicts(settings),
        *pipeline_conflicts(settings),
        *device_conflicts(settings),
        *viewer_conflicts(settings),
    ]
    return sorted(found, key=lambda conflict: not conflict.is_blocking)


def output_conflicts(settings: TEXT3D_Settings, model: ModelInfo) -> list[Conflict]:
    """Return the conflicts of an output or a quality that the model does not have."""
    found = []
    if settings.outputs not in model.outputs:
        message = f"{model.label} does not generate {OUTPUT_NOUNS[settings.outputs]}."
        found.append(Conflict(message, "outputs", model.outputs[0], f"Use {OUTPUT_LABELS[model.outputs[0]]}"))
    if settings.quality not in model.qualities and not settings.has_own_sampling:
        default = DEFAULT_QUALITY if DEFAULT_QUALITY in model.qualities else next(iter(model.qualities))
        message = f"{model.label} has no {quality_label(settings.quality)} quality."
        found.append(Conflict(message, "quality", default, f"Use {quality_label(default)}"))
    return found


def image_conflicts(settings: TEXT3D_Settings) -> list[Conflict]:
    """Return the conflict of an image that is not chosen, gone, or on another machine, if the input is Image."""
    if input_kind(settings) != IMAGE:
        return []
    has_text = TEXT in accepted_inputs(settings)
    if not settings.image:
        fix = ("input", TEXT, "Use Text") if has_text else ()
        return [Conflict("No image is chosen. Choose one above.", *fix)]
    fix = ("image", "", "Remove Image") if has_text else ()
    path = bpy.path.abspath(settings.image)
    if is_remote_path(path):  # before the file is touched: an untrusted .blend file may name it, and panels draw this
        return [Conflict("The image is on another machine. Copy it to this one.", *fix)]
    if not os.path.isfile(path):
        return [Conflict("The image file no longer exists.", *fix)]
    return []


def pipeline_conflicts(settings: TEXT3D_Settings) -> list[Conflict]:
    """Return the conflict of a pipeline that is not chosen or on another machine, if it makes the view."""
    if not makes_views(settings) or input_kind(settings) == IMAGE or settings.image_model != DIFFUSERS:
        return []
    fix = ("image_model", OWN, "Use Model's Own")
    if not settings.pipeline.strip():
        return [Conflict("No pipeline is chosen. Enter its folder or hub name as Source.", *fix)]
    if is_remote_path(pipeline(settings)):
        return [Conflict("The pipeline is on another machine. Copy it to this one.", *fix)]
    return []


def device_conflicts(settings: TEXT3D_Settings) -> list[Conflict]:
    """Return the conflict of a device that this operating system never has; a missing GPU is found by the job."""
    is_mac = sys.platform == "darwin"
    if settings.device in DEVICES and (settings.device == "mps") != is_mac:
        message = f"{DEVICES[settings.device]} are not available on this operating system."
        return [Conflict(message, "device", "auto", "Use Automatic Device")]
    return []


def viewer_conflicts(settings: TEXT3D_Settings) -> list[Conflict]:
    """Return the conflict of a live view address that is invalid or on another machine, if the live view is on."""
    if not settings.has_live_view:
        return []
    own, preferred = settings.live_view_address.strip(), choices().live_view_address
    if own not in ("", preferred) and VIEWER.fullmatch(own) and is_remote_viewer(own):
        message = "This file sends the live view to another machine."
        return [Conflict(message, "live_view_address", "", "Open Local Viewer")]
    if VIEWER.fullmatch(own or preferred):
        return []
    if own:
        return [Conflict(VIEWER_FORM, "live_view_address", "", "Open Local Viewer")]
    return [Conflict(f"{VIEWER_FORM} It is set in the preferences.", "has_live_view", "", "Turn Off Live View")]
