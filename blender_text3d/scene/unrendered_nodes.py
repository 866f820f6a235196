# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes that Cycles does not render, or renders in a color of warning, replaced by what stands for them."""

from collections.abc import Iterator
from typing import Any

import bpy

from .colors import DEFAULT_FACE_COLOR
from .shader_looks import ShaderReader, put

GRAY = (*DEFAULT_FACE_COLOR, 1.0)


def replace_unrendered_nodes(reader: ShaderReader) -> None:
    """Let missing images be gray instead of magenta, and Shader to RGB, which only EEVEE has, give the base color."""
    for tree, fallback in shader_trees():
        for node in list(tree.nodes):
            if node.type == "TEX_IMAGE" and is_missing(node.image):
                feed(tree, node.outputs["Color"], GRAY)
                feed(tree, node.outputs["Alpha"], 1.0)
            if node.type == "SHADERTORGB":
                look = reader.look(tree, node.inputs[0], fallback)
                feed(tree, node.outputs["Color"], look.color)
                feed(tree, node.outputs["Alpha"], look.opacity)


def shader_trees() -> Iterator[tuple[Any, tuple[float, float, float, float]]]:
    """Yield all shader nodes of the file with the color of what has none."""
    for material in bpy.data.materials:
        red, green, blue, _ = material.diffuse_color
        if material.node_tree is not None:
            yield material.node_tree, (red, green, blue, 1.0)
    for tree in bpy.data.node_groups:
        if tree.bl_idname == "ShaderNodeTree":
            yield tree, GRAY


def is_missing(image: Any) -> bool:
    """True for an image without pixels, which is read for that."""
    return image is not None and image.source == "FILE" and not all(image.size)


def feed(tree: Any, output: Any, value: Any) -> None:
    """Let a value or another output socket feed all that an output socket feeds."""
    targets = [link.to_socket for link in output.links]
    for target in targets:
        tree.links.remove(target.links[0])
        put(tree, value if hasattr(value, "links") else fitting(value, target), target)


def fitting(value: Any, socket: Any) -> Any:
    """Return a color or a number as a socket takes it."""
    is_color = isinstance(value, tuple)
    if socket.type == "RGBA":
        return value if is_color else (value, value, value, 1.0)
    if socket.type == "VECTOR":
        return value[:3] if is_color else (value,) * 3
    return sum(value[:3]) / 3 if is_color else value
