# SPDX-License-Identifier: GPL-3.0-or-later
"""Scene.text3d_input: whether an object is generated from the prompt or from the image.

It is computed from two stored values, since scripts and .blend files of version 0.1.0 choose an image by setting
`scene.text3d.image` alone: an image that was set after the switch was last used turns the switch to Image.

A property of its own, since one with callbacks inside a PropertyGroup crashes Blender 4.2 as a module at exit.
"""

from typing import Any

import bpy

from ...protocol.models import MODELS
from .properties import INPUT_ITEMS, TEXT3D_Settings

NAME = "text3d_input"
TEXT, IMAGE = (item[0] for item in INPUT_ITEMS)
NUMBERS = {item[0]: item[3] for item in INPUT_ITEMS}


def input_kind(settings: TEXT3D_Settings) -> str:
    """Return TEXT or IMAGE: what the chosen model generates from; TEXT for a model that accepts neither."""
    accepted = accepted_inputs(settings)
    if IMAGE not in accepted or TEXT not in accepted:
        return IMAGE if IMAGE in accepted else TEXT
    if settings.image != settings.input_image:
        return IMAGE if settings.image else TEXT
    return settings.input


def accepted_inputs(settings: TEXT3D_Settings) -> tuple[str, ...]:
    """Return the inputs that the chosen model accepts."""
    model = MODELS.get(settings.model)
    return model.inputs if model else (TEXT,)


def choose_input(settings: TEXT3D_Settings, kind: str) -> None:
    """Turn the switch to TEXT or IMAGE; the image stays chosen, and so does the prompt."""
    settings.input = kind
    settings.input_image = settings.image


def get(scene: bpy.types.Scene) -> int:
    """Return the number of the input."""
    settings: Any = scene
    return NUMBERS[input_kind(settings.text3d)]


def put(scene: bpy.types.Scene, number: int) -> None:
    """Turn the switch to the input of this number."""
    settings: Any = scene
    choose_input(settings.text3d, IMAGE if number == NUMBERS[IMAGE] else TEXT)


def add() -> None:
    """Add the property to all scenes."""
    kind = bpy.props.EnumProperty(
        name="Input", description="What to generate the object from", items=INPUT_ITEMS, get=get, set=put
    )
    setattr(bpy.types.Scene, NAME, kind)


def remove() -> None:
    """Remove the property."""
    delattr(bpy.types.Scene, NAME)
