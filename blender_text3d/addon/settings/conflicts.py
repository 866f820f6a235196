# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that make no sense together: which, why, and the value that settles it. What sliders exclude is not here."""

import os
import sys
from dataclasses import dataclass

import bpy

from ...protocol.model_info import ModelInfo
from ...protocol.models import DEFAULT_QUALITY, MODELS
from ...protocol.request import VIEWER
from .choices import choices
from .remote_paths import is_remote_path, is_viewer_elsewhere

KINDS = {"mesh": "meshes", "cloud": "point clouds", "both": "both at once"}
DEVICES = {"mps": "Apple's graphics part", "cuda": "An NVIDIA graphics card"}


@dataclass(frozen=True)
class Conflict:
    """Two settings that exclude each other.

    Attributes:
        words: A sentence.
        name: The property that settles it; "" where the user must choose.
        value: What it is to be.
        label: What the button says.
        stops: Whether nothing can be made so; else something has no effect.
    """

    words: str
    name: str = ""
    value: str = ""
    label: str = ""
    stops: bool = True


def conflicts(settings: bpy.types.PropertyGroup) -> list[Conflict]:
    """All there are, those that stop first."""
    model = MODELS.get(settings.model)
    if model is None:
        return []
    found = [*of_result(settings, model), *of_image(settings, model), *of_device(settings), *of_viewer(settings)]
    return sorted(found, key=lambda conflict: not conflict.stops)


def of_result(settings: bpy.types.PropertyGroup, model: ModelInfo) -> list[Conflict]:
    """A result or a quality that the model has not."""
    found = []
    if settings.outputs not in model.outputs:
        words = f"{model.label} makes no {KINDS[settings.outputs]}."
        found.append(Conflict(words, "outputs", model.outputs[0], f"Make {KINDS[model.outputs[0]].capitalize()}"))
    if settings.quality not in model.qualities and not settings.has_own_sampling:
        usual = DEFAULT_QUALITY if DEFAULT_QUALITY in model.qualities else next(iter(model.qualities))
        words = f"{model.label} has no quality {settings.quality}."
        found.append(Conflict(words, "quality", usual, f"Use {usual.capitalize()}"))
    return found


def of_image(settings: bpy.types.PropertyGroup, model: ModelInfo) -> list[Conflict]:
    """A picture that is missing, or stands in the way of the words."""
    if "image" not in model.inputs:
        return []
    if not settings.image:
        return (
            [] if "text" in model.inputs else [Conflict(f"{model.label} makes objects of a picture: choose one above.")]
        )
    without = ("image", "", "Without the Picture") if "text" in model.inputs else ()
    path = bpy.path.abspath(settings.image)
    if is_remote_path(path):  # before it is looked for: drawing the panel of anybody's file comes by here
        return [Conflict("The picture lies on another machine: copy it to this one.", *without)]
    if not os.path.isfile(path):
        return [Conflict("The picture is not there any more.", *without)]
    if without and settings.prompt.strip():
        words = "The picture decides what is made; the words only name the object."
        return [Conflict(words, *without, stops=False)]
    return []


def of_device(settings: bpy.types.PropertyGroup) -> list[Conflict]:
    """A device that this kind of machine never has. Whether a card is there, the worker will say."""
    is_mac = sys.platform == "darwin"
    if settings.device in DEVICES and (settings.device == "mps") != is_mac:
        words = f"{DEVICES[settings.device]} is not in this kind of machine."
        return [Conflict(words, "device", "auto", "Automatic Device")]
    return []


def of_viewer(settings: bpy.types.PropertyGroup) -> list[Conflict]:
    """An address of a viewer that is none; it counts only where the live view is on."""
    if not settings.has_live_view:
        return []
    own, usual = settings.live_view_address.strip(), choices().live_view_address
    if own not in ("", usual) and VIEWER.fullmatch(own) and is_viewer_elsewhere(own):
        words = "This file asks for the live view to be sent to another machine."
        return [Conflict(words, "live_view_address", "", "Open a Viewer Here")]
    if VIEWER.fullmatch(own or usual):
        return []
    words = "The live view's address must begin with rerun+http:// and name a host and a port."
    if own:
        return [Conflict(words, "live_view_address", "", "Open a Viewer Instead")]
    return [Conflict(f"{words} It stands in the preferences.", "has_live_view", "", "Without Live View")]
