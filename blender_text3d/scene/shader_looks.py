# SPDX-License-Identifier: GPL-3.0-or-later
"""Base color and opacity of a shader, as sockets of nodes that are added to its tree.

A shader cannot be read back, so each shader socket gets two others beside it. Mixes of shaders become mixes of both,
and node groups pass both on. Whatever feeds them, such as procedural textures, stays as it is.
"""

from typing import Any, NamedTuple

from .base_color import MAX_DEPTH, TRANSPARENT

Color = tuple[float, float, float, float]
BLACK: Color = (0.0, 0.0, 0.0, 1.0)
MIX_A, MIX_B, MIX_RESULT = {"FLOAT": 2, "RGBA": 6}, {"FLOAT": 3, "RGBA": 7}, {"FLOAT": 0, "RGBA": 2}
"""Sockets of a Mix node by its type; all types have the same names."""


class Look(NamedTuple):
    """The base color and the opacity of a shader, each a value or an output socket."""

    color: Any
    opacity: Any


class ShaderReader:
    """Finds the looks of shaders; groups are extended once, although many materials may use them."""

    def __init__(self) -> None:
        self.passed_out: dict[tuple[str, str], tuple[str, str]] = {}
        """Sockets that a group was given for one of its shader outputs, by tree and socket."""
        self.passed_in: dict[str, dict[str, tuple[str, str]]] = {}
        """Sockets that a group was given for its shader inputs."""

    def look(self, tree: Any, socket: Any, fallback: Color, depth: int = 0) -> Look:
        """Return the look of the shader that an input socket gets; `fallback` is the color of what has none."""
        source = source_of(socket)
        if source is None:
            return Look(BLACK, 1.0)
        node = source.node
        if depth > MAX_DEPTH:
            return Look(fallback, 1.0)
        if node.type == "REROUTE":
            return self.look(tree, node.inputs[0], fallback, depth + 1)
        if node.type == "GROUP" and node.node_tree:
            return self.of_group(tree, node, source, fallback, depth + 1)
        if node.type == "GROUP_INPUT":
            return self.of_group_input(tree, node, source)
        if node.type in ("MIX_SHADER", "ADD_SHADER"):
            first, second = (self.look(tree, item, fallback, depth + 1) for item in list(node.inputs)[-2:])
            return (
                mixed(tree, node.inputs[0], first, second) if node.type == "MIX_SHADER" else added(tree, first, second)
            )
        return look_of_shader(node, fallback)

    def of_group(self, tree: Any, node: Any, source: Any, fallback: Color, depth: int) -> Look:
        """Return the look of a group's shader output."""
        inner = node.node_tree
        key = inner.name, source.identifier
        if key not in self.passed_out:
            end = next((item for item in inner.nodes if item.type == "GROUP_OUTPUT" and item.is_active_output), None)
            if end is None:
                return Look(BLACK, 1.0)
            look = self.look(inner, by_identifier(end.inputs, source.identifier), fallback, depth)
            self.passed_out[key] = new_sockets(inner, "OUTPUT")
            for value, name in zip(look, self.passed_out[key], strict=True):
                put(inner, value, by_identifier(end.inputs, name))
        for outer, names in self.passed_in.get(inner.name, {}).items():
            shader = by_identifier(node.inputs, outer)
            if not by_identifier(node.inputs, names[0]).is_linked:
                for value, name in zip(self.look(tree, shader, fallback, depth), names, strict=True):
                    put(tree, value, by_identifier(node.inputs, name))
        return Look(*(by_identifier(node.outputs, name) for name in self.passed_out[key]))

    def of_group_input(self, tree: Any, node: Any, source: Any) -> Look:
        """Return the look of a shader that a group gets from outside."""
        known = self.passed_in.setdefault(tree.name, {})
        if source.identifier not in known:
            known[source.identifier] = new_sockets(tree, "INPUT")
        return Look(*(by_identifier(node.outputs, name) for name in known[source.identifier]))


def look_of_shader(node: Any, fallback: Color) -> Look:
    """Return the look of one shader node. A constant opacity counts as solid: there would be nothing to see."""
    if node.type in TRANSPARENT:
        return Look(BLACK, 0.0)
    name = next((name for name in ("Base Color", "Color") if name in node.inputs), None)
    if name is None:
        return Look(fallback, 1.0)
    opacity = node.inputs.get("Alpha")
    is_cut_out = opacity is not None and source_of(opacity) is not None
    return Look(value_of(node.inputs[name]), value_of(opacity) if is_cut_out else 1.0)


def mixed(tree: Any, factor: Any, first: Look, second: Look) -> Look:
    """Return the look of two mixed shaders; a constant share of a transparent one counts nothing."""
    share = value_of(factor)
    if not is_socket(share):
        for clear, other in ((first, second), (second, first)):
            if clear.opacity == 0.0:
                return other
    if first.opacity == second.opacity == 1.0:
        return Look(mix(tree, "RGBA", share, first.color, second.color), 1.0)
    opacity = mix(tree, "FLOAT", share, first.opacity, second.opacity)
    of_second = calculated(tree, "MULTIPLY", share, second.opacity)
    weight = calculated(tree, "DIVIDE", of_second, calculated(tree, "MAXIMUM", opacity, 1e-6))
    return Look(mix(tree, "RGBA", weight, first.color, second.color), opacity)


def added(tree: Any, first: Look, second: Look) -> Look:
    """Return the look of the sum of two shaders; a transparent one adds nothing."""
    for clear, other in ((first, second), (second, first)):
        if clear.opacity == 0.0:
            return other
    opacity = 1.0
    if first.opacity != 1.0 and second.opacity != 1.0:
        opacity = calculated(tree, "MAXIMUM", first.opacity, second.opacity)
    return Look(mix(tree, "RGBA", 1.0, first.color, second.color, blend_type="ADD"), opacity)


def mix(tree: Any, kind: str, factor: Any, first: Any, second: Any, blend_type: str = "MIX") -> Any:
    """Return the output of a new Mix node."""
    node = tree.nodes.new("ShaderNodeMix")
    node.data_type, node.blend_type = kind, blend_type
    put(tree, factor, node.inputs[0])
    put(tree, first, node.inputs[MIX_A[kind]])
    put(tree, second, node.inputs[MIX_B[kind]])
    return node.outputs[MIX_RESULT[kind]]


def calculated(tree: Any, operation: str, first: Any, second: Any) -> Any:
    """Return the output of a new Math node."""
    node = tree.nodes.new("ShaderNodeMath")
    node.operation = operation
    put(tree, first, node.inputs[0])
    put(tree, second, node.inputs[1])
    return node.outputs[0]


def new_sockets(tree: Any, in_out: str) -> tuple[str, str]:
    """Give a group sockets for a base color and an opacity; return their identifiers."""
    color = tree.interface.new_socket("Unlit Color", in_out=in_out, socket_type="NodeSocketColor")
    opacity = tree.interface.new_socket("Unlit Opacity", in_out=in_out, socket_type="NodeSocketFloat")
    return color.identifier, opacity.identifier


def by_identifier(sockets: Any, identifier: str) -> Any:
    """Return the socket of an identifier; names need not be unique."""
    return next(item for item in sockets if item.identifier == identifier)


def source_of(socket: Any) -> Any:
    """Return the output socket that feeds an input socket, past muted nodes, or None."""
    for _ in range(MAX_DEPTH):
        link = socket.links[0] if socket.is_linked else None
        if link is None or link.is_muted:
            return None
        if not link.from_node.mute:
            return link.from_socket
        inside = (item.from_socket for item in link.from_node.internal_links if item.to_socket == link.from_socket)
        socket = next(inside, None)
        if socket is None:
            return None
    return None


def is_socket(value: Any) -> bool:
    """True for an output socket, False for a value."""
    return hasattr(value, "links")


def value_of(socket: Any) -> Any:
    """Return the output socket that feeds an input socket, or its own value."""
    source = source_of(socket)
    if source is not None:
        return source
    value = socket.default_value
    return value if isinstance(value, int | float) else tuple(value)


def put(tree: Any, value: Any, socket: Any) -> None:
    """Let an output socket or a value feed an input socket."""
    if is_socket(value):
        tree.links.new(value, socket)
    else:
        socket.default_value = value
