# SPDX-License-Identifier: GPL-3.0-or-later
"""A GLB, OBJ, PLY or STL file, or an object that Blender wrote, as a mesh with base colors."""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ....geometry.rendered_views import RenderedViews
from ....geometry.srgb import srgb_from_linear
from ....geometry.textured_mesh import (
    MAX_FACES,
    MAX_TEXTURE_SIDE,
    MAX_TEXTURES,
    NO_TEXTURE,
    TexturedMesh,
    load_with_views,
)
from .readable_glb import readable_glb

if TYPE_CHECKING:  # it takes a third of a second to import, which only objects from files shall take
    import trimesh

Z_UP_FORMATS, Y_UP_FORMATS = (".ply", ".stl"), (".glb", ".obj")
LINEAR_FORMAT = ".glb"
"""The format whose colors of vertices and materials are linear. Source: glTF 2.0, sections 3.7.2.1 and 3.9.2."""
BLENDER_FORMAT = ".npz"
TEXTURE_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP")
Z_UP_FROM_Y_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)
WHAT_TO_DO = "Choose another object."
GRAY = np.full(3, 0.8, np.float32)
"""Color of what has none, as in Blender."""


Columns = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Colors (F, 3, 3) float32, texture coordinates (F, 3, 2) float32 and textures (F,) int32 of faces."""


class BadObject(Exception):
    """An object cannot be encoded; the message says why, and what to do."""


def object_mesh(path: Path) -> TexturedMesh:
    """Read an object as `object_with_views` does, without its views."""
    return object_with_views(path)[0]


def object_with_views(path: Path) -> tuple[TexturedMesh, RenderedViews | None]:
    """Read an object with the base colors of its materials, without what is not finite, and its views if it has any.

    Raises:
        BadObject: the file cannot be read, or has no faces or too many.
    """
    suffix, views = path.suffix.lower(), None
    try:
        if suffix == BLENDER_FORMAT:
            mesh, views = load_with_views(path, decoded_texture)
        elif suffix in (*Z_UP_FORMATS, *Y_UP_FORMATS):
            mesh = loaded_file(path, suffix)
        else:
            formats = ", ".join(kind[1:].upper() for kind in (*Y_UP_FORMATS, *Z_UP_FORMATS))
            raise BadObject(f"{path.name} is no object file. Choose a file of the formats {formats}.")
    except OSError as error:
        raise BadObject(f"The object {path.name} cannot be read ({error.strerror}). {WHAT_TO_DO}") from error
    except (BadObject, MemoryError):
        raise
    except Exception as error:  # a damaged file makes trimesh raise anything
        is_sentence = type(error) is ValueError  # its subclasses and others tell of positions in a file or an array
        reason = str(error)[:100] if is_sentence else "it is damaged or incomplete"
        raise BadObject(f"The object {path.name} cannot be used ({reason}). {WHAT_TO_DO}") from error
    return finite_part(mesh, path.name), views


def finite_part(mesh: TexturedMesh, name: str) -> TexturedMesh:
    """Return a mesh without the faces at places that are not finite, or that have no extent.

    Raises:
        BadObject: nothing is left.
    """
    if not len(mesh.faces):
        raise BadObject(f"The object {name} has no faces, so it has no surface to encode. {WHAT_TO_DO}")
    is_finite = np.isfinite(mesh.vertices).all(axis=1)
    kept = np.flatnonzero(is_finite[mesh.faces].all(axis=1) & np.isfinite(mesh.colors).all(axis=(1, 2)))
    corners = mesh.vertices[mesh.faces[kept]]
    if not len(kept) or not np.ptp(corners.reshape(-1, 3).astype(np.float64), axis=0).max() > 0:
        raise BadObject(f"The object {name} has no face of finite size. {WHAT_TO_DO}")
    vertices = np.where(is_finite[:, None], mesh.vertices, 0).astype(np.float32)
    rows = mesh.faces[kept], mesh.colors[kept], mesh.coordinates[kept], mesh.textures_of_faces[kept]
    return TexturedMesh(vertices, *rows, textures=mesh.textures)


def loaded_file(path: Path, suffix: str) -> TexturedMesh:
    """Return all geometry of a file in one mesh.

    Raises:
        ValueError: it has too many faces or textures.
    """
    import trimesh

    source: Any = io.BytesIO(readable_glb(path.read_bytes())) if suffix == LINEAR_FORMAT else path
    scene: Any = trimesh.load(source, file_type=suffix[1:], force="scene", process=False)
    nodes = [scene.graph[node] for node in scene.graph.nodes_geometry]
    placed = [(scene.geometry[name], matrix) for matrix, name in nodes]
    placed = [(part, matrix) for part, matrix in placed if isinstance(part, trimesh.Trimesh) and len(part.faces)]
    if sum(len(part.faces) for part, _ in placed) > MAX_FACES:
        raise ValueError(f"it has more than {MAX_FACES:,} triangles")
    textures: list[np.ndarray] = []
    pieces = [textured_part(part, textures, is_linear=suffix == LINEAR_FORMAT) for part, _ in placed]
    parts = [part.copy().apply_transform(matrix) for part, matrix in placed]
    counts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    vertices = np.concatenate([np.zeros((0, 3)), *(part.vertices for part in parts)]).astype(np.float32)
    faces = [np.asarray(part.faces) + start for part, start in zip(parts, counts, strict=False)]
    colors, coordinates, owners = (
        (np.concatenate(columns) for columns in zip(*pieces, strict=True)) if pieces else empty_columns()
    )
    if suffix in Y_UP_FORMATS:
        vertices = vertices @ Z_UP_FROM_Y_UP.T
    all_faces = np.concatenate([np.zeros((0, 3), np.int32), *faces]).astype(np.int32)
    return TexturedMesh(vertices, all_faces, colors, coordinates, owners, tuple(textures))


def empty_columns() -> Columns:
    """Return colors, coordinates and textures of no faces."""
    return np.zeros((0, 3, 3), np.float32), np.zeros((0, 3, 2), np.float32), np.zeros(0, np.int32)


def textured_part(part: "trimesh.Trimesh", textures: list[np.ndarray], *, is_linear: bool) -> Columns:
    """Return colors, coordinates and texture of a part's faces; its texture is added to the list.

    Args:
        part: The part.
        textures: Textures of the parts before it.
        is_linear: True if colors of vertices and materials are linear, not sRGB.
    """
    count = len(part.faces)
    colors: np.ndarray = np.broadcast_to(GRAY, (count, 3, 3)).astype(np.float32)
    coordinates, owner = np.zeros((count, 3, 2), np.float32), np.full(count, NO_TEXTURE, np.int32)
    visual: Any = part.visual
    if visual.kind == "texture":
        factor, texture = material_of(visual)
        colors[:] = factor
        of_vertices = attribute_colors(visual, len(part.vertices))
        if of_vertices is not None:
            colors = (factor if np.any(factor != GRAY) else np.ones_like(factor)) * of_vertices[part.faces]
        if texture is not None and visual.uv is not None and len(textures) < MAX_TEXTURES:
            textures.append(texture)
            owner[:] = len(textures) - 1
            coordinates = np.asarray(visual.uv, np.float32)[part.faces][..., :2]
            if of_vertices is None:
                colors[:] = factor if np.any(factor != GRAY) else 1
        if not is_linear or (of_vertices is None and not np.any(factor != GRAY)):
            return colors, coordinates, owner
    elif visual.kind == "face":
        colors[:] = visual.face_colors[:, None, :3] / np.float32(255)
    elif visual.kind == "vertex":
        colors = visual.vertex_colors[:, :3].astype(np.float32)[part.faces] / 255
    else:
        return colors, coordinates, owner
    return srgb_from_linear(colors).astype(np.float32) if is_linear else colors, coordinates, owner


def attribute_colors(visual: Any, count: int) -> np.ndarray | None:
    """Return the colors (V, 3) float32 of vertices beside a material, which trimesh keeps as they are in the file.

    Returns:
        None if there are none of `count` vertices.
    """
    stored = getattr(visual, "vertex_attributes", {}).get("color")
    if stored is None or len(stored) != count:
        return None
    values = np.asarray(stored)[:, :3]
    most = np.iinfo(values.dtype).max if np.issubdtype(values.dtype, np.integer) else 1
    return values.astype(np.float32) / np.float32(most)


def material_of(visual: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the base color (3,) float32 of a material, and its texture (H, W, 3) uint8 or None if it has none."""
    material = visual.material
    image = getattr(material, "baseColorTexture", None) or getattr(material, "image", None)
    factor = getattr(material, "baseColorFactor", None)
    if factor is None and image is None:
        factor = getattr(material, "diffuse", None)
    color: np.ndarray = GRAY if factor is None else np.asarray(factor, np.float32)[:3]
    color = color / 255 if color.max(initial=0) > 1 else color
    if image is None:
        return color, None
    return color, shrunk(image)


def shrunk(image: Any) -> np.ndarray:
    """Return the pixels (H, W, 3) uint8 of a PIL image, at most MAX_TEXTURE_SIDE wide and high."""
    picture = image.convert("RGB")
    picture.thumbnail((MAX_TEXTURE_SIDE, MAX_TEXTURE_SIDE))
    return np.array(picture, np.uint8)


def decoded_texture(content: np.ndarray) -> np.ndarray:
    """Return the pixels (H, W, 3) uint8 of an image file's bytes (N,) uint8.

    Raises:
        ValueError: they are no image, or too large a one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return shrunk(Image.open(io.BytesIO(content.tobytes()), formats=TEXTURE_FORMATS))
    except Exception as error:  # damaged files make PIL raise anything
        raise ValueError(f"a texture is damaged: {error!s:.80}") from error
