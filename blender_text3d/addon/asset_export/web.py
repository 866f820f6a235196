# SPDX-License-Identifier: GPL-3.0-or-later
"""Surfaces of objects → a small GLB for browsers."""

from collections.abc import Sequence

import bpy

from ...exports.web_glb import WebItem, web_glb_bytes
from ...geometry.shown_surface import ShownSurface
from ...scene.jpeg import jpeg_bytes
from ...scene.object_surface import Textures
from ...scene.recipe import recipe_of
from ...scene.shown_surfaces import image_named
from .options import Content, ExportError, ExportOptions, Group, Plan, meters_per_unit
from .printing import problems_without, surfaces_of

MAX_SIDE = 1024
"""Of textures, in pixels."""
MAX_BYTES = 300_000
"""Size above which the file is named as large."""
JPEG = "image/jpeg"


def web_plan(targets: Sequence[bpy.types.Object], options: ExportOptions) -> Plan:
    """Return how surfaces are written for browsers.

    Raises:
        ExportError: They show too many instances.
    """

    def content_of(group: Group) -> Content:
        textures = Textures()
        found = surfaces_of(group.targets, textures)
        is_at_origin = options.is_at_origin and len(group.targets) == 1
        items = [web_item(target, found[target.session_uid], is_at_origin=is_at_origin) for target in group.targets]
        content = web_glb_bytes(items, web_images(textures), is_quantized=options.is_quantized)
        return Content({group.path.name: content}, web_problems(group, content, textures))

    found = surfaces_of(targets, Textures())
    able = [target for target in targets if target.session_uid in found]
    return Plan(content_of, able, problems_without(targets, able))


def web_item(target: bpy.types.Object, surface: ShownSurface, *, is_at_origin: bool) -> WebItem:
    """Return the triangles of one object in meters."""
    unit = meters_per_unit()
    location = surface.location * (0.0 if is_at_origin else unit)
    placed = surface._replace(positions=(surface.positions * unit).astype("float32"), location=location)
    return WebItem(placed, recipe_of(target) or {})


def web_images(textures: Textures) -> list[tuple[bytes, str]]:
    """Return the content and media type of each texture.

    Raises:
        ExportError: One cannot be read or saved.
    """
    try:
        return [(jpeg_bytes(image_named(name), MAX_SIDE), JPEG) for name in textures.names]
    except (OSError, ValueError) as error:
        raise ExportError(str(error)) from error


def web_problems(group: Group, content: bytes, textures: Textures) -> list[str]:
    """Return what the file lacks, and whether it is large."""
    problems = [f'The image "{name}" is missing.' for name in textures.missing]
    problems += [f'The material "{name}" was simplified.' for name in textures.simplified if name]
    if len(content) > MAX_BYTES:
        problems.append(f"{group.path.name} has {len(content) / 1000:,.0f} kB. Quantize, or set fewer faces.")
    return problems
