# SPDX-License-Identifier: GPL-3.0-or-later
"""What a field is, and how to ask it about many points."""

from collections.abc import Callable

import torch
from torch import Tensor

Field = Callable[[Tensor], Tensor]
"""[M, 3] float32 points in model space -> [M] float32 values, positive inside the object (Shap-E's signed distance)."""

ColorField = Callable[[Tensor], Tensor]
"""[M, 3] float32 points in model space -> [M, 3] float32 sRGB colours."""

CHUNK = 65_536
"""Points in one call of a field: enough to keep a processor busy, little enough memory for wide networks."""

NEARLY_ONE = 1.0 - 2.0**-22
"""Where `unsquashed` stops: the inverse tangent of 1 itself is infinite."""

MOST_DEPTH = 7.9
"""Beyond this, what `unsquashed` gives says of a place only that it is far from the surface."""


def field_values(field: Field, points: Tensor, chunk: int = CHUNK) -> Tensor:
    """The field at every point, asked in chunks.

    Args:
        points: [M, 3] float32, model space.
        chunk: most points in one call.

    Returns:
        [M] float32.

    Raises:
        ValueError: where the field does not give one value for each point.
    """
    if len(points) == 0:
        return points.new_empty(0)
    values = torch.cat([field(piece) for piece in points.split(chunk)]).float()
    if values.shape != points.shape[:1]:
        raise ValueError(
            f"A field gave values of shape {tuple(values.shape)} for {len(points)} points; it must give one for each."
        )
    return values


@torch.no_grad()
def vertex_colors(color_field: ColorField, vertices: Tensor, chunk: int = CHUNK) -> Tensor:
    """The colour of every vertex.

    Args:
        color_field: sRGB colours at points.
        vertices: [V, 3] float32, model space.
        chunk: most points in one call.

    Returns:
        [V, 3] float32 sRGB, cut to 0..1.
    """
    if len(vertices) == 0:
        return vertices.new_empty(0, 3)
    colors = torch.cat([color_field(piece) for piece in vertices.split(chunk)])
    return colors.float().clamp(0.0, 1.0)


def unsquashed(values: Tensor) -> Tensor:
    """Undo a tanh, so that values are again about proportional to the distance from the surface.

    A true distance field, small near its surface, is hardly changed where it matters.

    Args:
        values: float32, any shape.

    Returns:
        Same shape, within about ±8.
    """
    return torch.atanh(values.clamp(-NEARLY_ONE, NEARLY_ONE))
