# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the scene → one mesh with base colors, as the viewport shows them, in steps of a few milliseconds."""

from collections.abc import Generator, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from ..geometry.compact_mesh import CompactMesh
from ..geometry.textured_mesh import MAX_FACES, NO_TEXTURE
from .evaluated_mesh import CaptureError
from .object_parts import list_parts, names_of
from .object_surface import Surface, Textures, chunks, read_surface

MAX_NAMED = 3
"""Objects, materials and images that a notice names."""
Value = TypeVar("Value")


class Captured(NamedTuple):
    """Captured objects.

    Attributes:
        mesh: Their triangles in world orientation, relative to `origin`.
        origin: `(3,) float64` in world space.
        low, high: `(3,) float64`, their bounding box relative to `origin`.
        notices: Sentences about what was left out.
        simplified: Names of materials that show more than a color and an image.
    """

    mesh: CompactMesh
    origin: np.ndarray
    low: np.ndarray
    high: np.ndarray
    notices: tuple[str, ...]
    simplified: tuple[str, ...]


def capture(uids: Sequence[int]) -> Generator[float, None, Captured]:
    """Capture objects of the view layer with modifiers, instances and materials; yield the finished share.

    Args:
        uids: Session UIDs of the objects.

    Raises:
        CaptureError: They have no surface, too many faces, or were changed meanwhile.
    """
    parts, skipped = yield from with_share(list_parts(uids), 0.0)
    yield 0.0
    textures, known = Textures(skips_slow=True), dict[tuple[int, int], Surface]()
    placed, count = list[tuple[Surface, np.ndarray]](), 0
    for number, part in enumerate(parts):
        if part.key not in known:
            surface = yield from with_share(read_surface(part, textures), number / len(parts))
            known[part.key] = surface
        placed.append((known[part.key], part.matrix))
        count += len(known[part.key].faces)
        if count > MAX_FACES:
            raise CaptureError(f"The objects have more than {MAX_FACES:,} triangles. Select fewer, or add Decimate.")
    if not count:
        raise CaptureError(f"{names_of(uids)} no faces. Give it a surface, or select another object.")
    origin = np.nan_to_num(parts[0].matrix[:3, 3])
    mesh, low, high = yield from with_share(joined(placed, origin), 1.0)
    mesh = mesh._replace(textures=tuple(textures.images))
    return Captured(mesh, origin, low, high, notices_of(skipped, textures), tuple(textures.simplified))


def with_share(steps: Generator[None, None, Value], share: float) -> Generator[float, None, Value]:
    """Yield the finished share for each step; return what the steps return."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: Value = end.value
            return value
        yield share


def joined(
    placed: Sequence[tuple[Surface, np.ndarray]], origin: np.ndarray
) -> Generator[None, None, tuple[CompactMesh, np.ndarray, np.ndarray]]:
    """Join surfaces in one mesh in world orientation, with its bounding box, both relative to `origin`.

    Raises:
        CaptureError: No face has finite places.
    """
    mesh = empty_mesh([surface for surface, _ in placed])
    box = np.array([[np.inf] * 3, [-np.inf] * 3])
    vertex = face = 0
    for surface, matrix in placed:
        turn, shift = matrix[:3, :3].T, matrix[:3, 3] - origin
        own = mesh.vertices[vertex : vertex + len(surface.positions)]
        for rows in chunks(len(own)):
            own[rows] = surface.positions[rows] @ turn + shift
            yield
        order = (2, 1, 0) if np.linalg.det(turn) < 0 else (0, 1, 2)
        for rows in chunks(len(surface.faces)):
            to = slice(face + rows.start, face + rows.stop)
            box = grown(box, own[surface.faces[rows]])
            mesh.faces[to] = surface.faces[rows][:, order] + vertex
            mesh.colors[to] = surface.colors[rows][:, order]
            mesh.textures_of_faces[to] = surface.textures[rows]
            if len(surface.coordinates):
                mesh.coordinates[to] = surface.coordinates[rows][:, order]
            yield
        vertex, face = vertex + len(own), face + len(surface.faces)
    low, high = box
    if not (high > low).any():
        raise CaptureError("No face has finite places. Check the object for NaN coordinates or a scale of zero.")
    return mesh, low, high


def empty_mesh(surfaces: list[Surface]) -> CompactMesh:
    """Return a mesh with room for the triangles of surfaces."""
    count = sum(len(surface.faces) for surface in surfaces)
    has_textures = any(len(surface.coordinates) for surface in surfaces)
    return CompactMesh(
        np.zeros((sum(len(surface.positions) for surface in surfaces), 3), np.float32),
        np.zeros((count, 3), np.int32),
        np.zeros((count, 3, 3), np.uint8),
        np.zeros((count if has_textures else 0, 3, 2), np.float32),
        np.full(count, NO_TEXTURE, np.int32),
    )


def grown(box: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return the box `(2, 3) float64` with the triangles `(F, 3, 3) float32` that have finite places."""
    finite = corners[np.isfinite(corners).all(axis=(1, 2))].reshape(-1, 3)
    low, high = finite.min(axis=0, initial=np.inf), finite.max(axis=0, initial=-np.inf)
    return np.stack([np.minimum(box[0], low), np.maximum(box[1], high)])


def notices_of(skipped: list[str], textures: Textures) -> tuple[str, ...]:
    """Return sentences about what was left out."""
    found = []
    if skipped:
        found.append(f"Left out, without a surface: {listing(skipped)}.")
    if textures.missing:
        found.append(f"Missing images, shown in gray: {listing(list(textures.missing))}.")
    return tuple(found)


def listing(names: Sequence[str]) -> str:
    """Return the first names in quotes, and how many more there are."""
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(f'"{name}"' for name in names[:MAX_NAMED]) + more
