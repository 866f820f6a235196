# SPDX-License-Identifier: GPL-3.0-or-later
"""The base color of a material, read from its nodes: a color, an image, a color attribute, or a product of them.

What cannot be read like that, such as a procedural texture, is replaced by a color and marked as simplified.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import bpy

from .colors import DEFAULT_FACE_COLOR

Affine = tuple[float, float, float, float, float, float]
IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
MAX_DEPTH = 32
"""Nodes in a row; files are untrusted, and a chain of groups may be long."""
MAX_COLORS = 256
"""Sockets of one material; a chain of mixes of the same node twice has a number of ways that grows exponentially."""
TRANSPARENT = {"BSDF_TRANSPARENT", "HOLDOUT"}
ADJUSTMENTS = {"HUE_SAT", "BRIGHTCONTRAST", "GAMMA", "CURVE_RGB", "INVERT"}
"""Nodes that change a color a little; their input stands for it."""


class BaseColor(NamedTuple):
    """The factors of a material's base color.

    Attributes:
        color: Linear RGB.
        image: The image, or None.
        uv_map: Name of the image's UV map; "" for the one that is rendered.
        uv_transform: Rows of the 2 x 3 matrix from UV coordinates to places in the image.
        attribute: Name of a color attribute, or "".
        is_simplified: True if the material shows something else, too, or is transparent in places.
    """

    color: tuple[float, float, float] = DEFAULT_FACE_COLOR
    image: Any = None
    uv_map: str = ""
    uv_transform: Affine = IDENTITY
    attribute: str = ""
    is_simplified: bool = False

    @property
    def is_plain(self) -> bool:
        """True if it is one color."""
        return self.image is None and not self.attribute


Groups = tuple[Any, ...]
"""The group nodes that contain a socket, the outermost first."""


def base_color(material: bpy.types.Material) -> BaseColor:
    """Return the base color of a material as its nodes or, without nodes, its viewport color say."""
    red, green, blue, _ = material.diffuse_color
    shown = red, green, blue
    has_nodes = bpy.app.version >= (5, 0) or material.use_nodes  # from 5.0 on, all materials have
    tree: Any = material.node_tree if has_nodes else None
    outputs = [tree.get_output_node(target) for target in ("ALL", "CYCLES", "EEVEE")] if tree else []
    output = next(filter(None, outputs), None)
    if output is None:
        return BaseColor(shown)
    return ColorReader(shown).of_surface(output.inputs["Surface"], (), 0)


class ColorReader:
    """Follows the links of one material."""

    def __init__(self, fallback: tuple[float, float, float]):
        """Take the color of what cannot be read."""
        self.unknown = BaseColor(fallback, is_simplified=True)
        self.colors_left = MAX_COLORS

    def source(self, socket: Any, groups: Groups, depth: int) -> tuple[Any, Any, Groups]:
        """Return the node, its output and the groups around it that feed a socket, or None for a value of its own.

        Reroutes are followed, groups entered and left.
        """
        while socket.is_linked and depth < MAX_DEPTH:
            link = socket.links[0]
            node, depth = link.from_node, depth + 1
            if link.is_muted or node.mute:
                return None, socket, groups
            if node.type == "REROUTE":
                socket = node.inputs[0]
            elif node.type == "GROUP" and node.node_tree:
                inner = next((item for item in node.node_tree.nodes if item.type == "GROUP_OUTPUT"), None)
                if inner is None:
                    return None, socket, groups
                index = list(node.outputs).index(link.from_socket)
                socket, groups = inner.inputs[index], (*groups, node)
            elif node.type == "GROUP_INPUT" and groups:
                index = list(node.outputs).index(link.from_socket)
                socket, groups = groups[-1].inputs[index], groups[:-1]
            else:
                return node, link.from_socket, groups
        return None, socket, groups

    def of_surface(self, socket: Any, groups: Groups, depth: int) -> BaseColor:
        """Return the base color of the shader that a socket gets."""
        node, _, groups = self.source(socket, groups, depth)
        if node is None or depth > MAX_DEPTH:
            return BaseColor((0.0, 0.0, 0.0)) if node is None else self.unknown
        if node.type in ("MIX_SHADER", "ADD_SHADER"):
            return self.of_mixed_shaders(node, groups, depth + 1)
        inputs = node.inputs
        name = next((name for name in ("Base Color", "Color") if name in inputs), None)
        look = self.of_color(inputs[name], groups, depth + 1) if name else self.unknown
        opacity = inputs.get("Alpha")
        is_cut_out = opacity is not None and self.source(opacity, groups, depth)[0] is not None
        return look._replace(is_simplified=look.is_simplified or is_cut_out)

    def of_mixed_shaders(self, node: Any, groups: Groups, depth: int) -> BaseColor:
        """Return the color of the stronger shader; a transparent one counts nothing."""
        first, second = list(node.inputs)[-2:]
        kinds = [source.type if (source := self.source(item, groups, depth)[0]) else "" for item in (first, second)]
        sides = [item for item, kind in zip((first, second), kinds, strict=True) if kind and kind not in TRANSPARENT]
        factor = node.inputs[0]
        if len(sides) == 1:
            look = self.of_surface(sides[0], groups, depth)
            return look._replace(is_simplified=look.is_simplified or (node.type == "MIX_SHADER" and factor.is_linked))
        is_second = node.type == "MIX_SHADER" and not factor.is_linked and factor.default_value > 0.5
        chosen = self.of_surface(second if is_second else first, groups, depth)
        return chosen._replace(is_simplified=True)

    def of_color(self, socket: Any, groups: Groups, depth: int) -> BaseColor:
        """Return the color that a socket gets."""
        self.colors_left -= 1
        if self.colors_left < 0:
            return self.unknown
        node, output, groups = self.source(socket, groups, depth)
        if node is None:
            return BaseColor(rgb_of(output))
        read: Callable[[Any, Groups, int], BaseColor] | None = {
            "TEX_IMAGE": self.of_image,
            "MIX": self.of_mixed_colors,
            "MIX_RGB": self.of_mixed_colors,
        }.get(node.type)
        if read and depth < MAX_DEPTH:
            return read(node, groups, depth + 1)
        if node.type == "RGB":
            return BaseColor(rgb_of(node.outputs[0]))
        if node.type in ("VERTEX_COLOR", "ATTRIBUTE"):
            name = node.layer_name if node.type == "VERTEX_COLOR" else node.attribute_name
            return BaseColor((1.0, 1.0, 1.0), attribute=name)
        if node.type in ADJUSTMENTS and depth < MAX_DEPTH:
            return self.of_color(node.inputs["Color"], groups, depth + 1)._replace(is_simplified=True)
        if node.type == "VALTORGB":
            return BaseColor(tuple(node.color_ramp.evaluate(0.5))[:3], is_simplified=True)
        return self.unknown

    def of_image(self, node: Any, groups: Groups, depth: int) -> BaseColor:
        """Return an image texture with its UV map; coordinates of other kinds count as simplified."""
        if node.image is None:
            return BaseColor((0.0, 0.0, 0.0))
        uv_map, transform, is_simple = self.place(node.inputs["Vector"], groups, depth)
        is_simple = is_simple and node.projection == "FLAT"
        return BaseColor((1.0, 1.0, 1.0), node.image, uv_map, transform, is_simplified=not is_simple)

    def place(self, socket: Any, groups: Groups, depth: int) -> tuple[str, Affine, bool]:
        """Return the UV map, its transform, and True if they are all that a texture's place depends on."""
        node, output, groups = self.source(socket, groups, depth)
        if node is None:
            return "", IDENTITY, not socket.is_linked
        if node.type == "UVMAP":
            return node.uv_map, IDENTITY, True
        if node.type == "TEX_COORD":
            return "", IDENTITY, output.name == "UV"
        if node.type == "MAPPING" and depth < MAX_DEPTH:
            uv_map, _, is_simple = self.place(node.inputs["Vector"], groups, depth + 1)
            transform = mapping_transform(node)
            return uv_map, transform or IDENTITY, is_simple and transform is not None
        return "", IDENTITY, False

    def of_mixed_colors(self, node: Any, groups: Groups, depth: int) -> BaseColor:
        """Return a product of two colors, a mix of plain ones, or the stronger one."""
        if node.type == "MIX" and node.data_type != "RGBA":
            return self.unknown
        enabled = [item for item in node.inputs if item.enabled]
        factor, (first, second) = enabled[0], (self.of_color(item, groups, depth) for item in enabled[-2:])
        share = 0.5 if factor.is_linked else float(factor.default_value)
        is_simple = not (factor.is_linked or first.is_simplified or second.is_simplified)
        if node.blend_type == "MULTIPLY" and share == 1 and (product := product_of(first, second)):
            return product._replace(is_simplified=not is_simple)
        if node.blend_type == "MIX" and share in (0.0, 1.0) and not factor.is_linked:
            return second if share else first
        if node.blend_type == "MIX" and first.is_plain and second.is_plain:
            mixed = tuple(a + share * (b - a) for a, b in zip(first.color, second.color, strict=True))
            return BaseColor((mixed[0], mixed[1], mixed[2]), is_simplified=not is_simple)
        return (second if share > 0.5 and node.blend_type == "MIX" else first)._replace(is_simplified=True)


def product_of(first: BaseColor, second: BaseColor) -> BaseColor | None:
    """Return the product of two colors, or None if both have an image or both an attribute."""
    if (first.image and second.image) or (first.attribute and second.attribute):
        return None
    textured = first if first.image else second
    red, green, blue = (a * b for a, b in zip(first.color, second.color, strict=True))
    attribute = first.attribute or second.attribute
    return textured._replace(color=(red, green, blue), attribute=attribute)


def rgb_of(socket: Any) -> tuple[float, float, float]:
    """Return the linear RGB of a socket's own value; a number is a gray."""
    value = getattr(socket, "default_value", None)
    if isinstance(value, int | float):
        return (float(value),) * 3
    return tuple(value)[:3] if value is not None else DEFAULT_FACE_COLOR


def mapping_transform(node: Any) -> Affine | None:
    """Return the 2 x 3 matrix of a Mapping node in the plane, or None if it is of another kind or not constant."""
    places = [node.inputs[name] for name in ("Location", "Rotation", "Scale") if name in node.inputs]
    if node.vector_type not in ("POINT", "TEXTURE") or len(places) < 3 or any(item.is_linked for item in places):
        return None
    (x, y, _), (tilt_x, tilt_y, angle), (width, height, _) = (tuple(item.default_value) for item in places)
    if node.vector_type == "TEXTURE" or tilt_x or tilt_y:
        return None
    cos, sin = math.cos(angle), math.sin(angle)
    return (cos * width, -sin * height, x, sin * width, cos * height, y)
