# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture in thumbnail.png and of an asset: a three-quarter view under one soft light, without a background."""

import math
from collections.abc import Generator

import numpy as np

from ..system.run_steps import run_steps
from .mesh import Mesh
from .point_cloud import PointCloud
from .srgb import linear_from_srgb, srgb_from_linear
from .textured_mesh import TexturedMesh
from .zbuffer import sphere_hits, triangle_hits

SIDE_PX = 128
SUPERSAMPLING = 2
MARGIN = 0.04
AZIMUTH_DEG, ELEVATION_DEG = 35.0, 25.0
"""The camera stands in front of the object, to its left and above, as the camera of Blender's default scene does."""
LIGHT = np.array([-0.45, 0.72, 0.53], np.float32)
"""Unit vector toward the light: right, up and toward the viewer."""
AMBIENT, SKY, DIFFUSE = 0.22, 0.20, 0.62
MAX_TRIANGLES = 130_000
"""More triangles than this are smaller than a pixel: a sample is drawn as spheres, which takes as long."""
SAMPLES = 65_000
SAMPLE_RADIUS_PX = 1.5
MAX_POINTS = 20_000
SHARP_COSINE = math.cos(math.radians(30))
BALL_SOFTNESS = 0.7
"""Added to the normals of the points' balls, whose shading would hide the object's colors."""

Pixels = tuple[np.ndarray, np.ndarray]
"""The flat indices of the pixels that see the object, (Q,) int32, and their linear colors, (3, Q) float32."""


def thumbnail(
    geometry: Mesh | TexturedMesh | PointCloud, side_px: int = SIDE_PX, supersampling: int = SUPERSAMPLING
) -> np.ndarray:
    """Render an object.

    Args:
        geometry: The object in model space.
        side_px: Width and height of the image.
        supersampling: Samples per side of a pixel, whose mean it is.

    Returns:
        (side_px, side_px, 4) uint8, sRGB with straight alpha; fully transparent without faces or points.
    """
    return run_steps(thumbnail_steps(geometry, side_px, supersampling))


def thumbnail_steps(
    geometry: Mesh | TexturedMesh | PointCloud, side_px: int, supersampling: int
) -> Generator[None, None, np.ndarray]:
    """Render an object as `thumbnail` does; yield between steps of about the same time."""
    side = side_px * supersampling
    image = np.zeros((4, side * side), np.float32)
    if len(geometry.points if isinstance(geometry, PointCloud) else geometry.faces):
        pixel, colors = yield from pixels_of(geometry, side)
        image[:3, pixel], image[3, pixel] = colors, 1
        yield
    return downsampled(image, side_px, supersampling)


def pixels_of(geometry: Mesh | TexturedMesh | PointCloud, side: int) -> Generator[None, None, Pixels]:
    """Draw an object that has faces or points; yield between steps."""
    if isinstance(geometry, TexturedMesh):
        return (yield from textured_pixels(geometry, side))
    return mesh_pixels(geometry, side) if isinstance(geometry, Mesh) else cloud_pixels(geometry, side)


def textured_pixels(mesh: TexturedMesh, side: int) -> Generator[None, None, Pixels]:
    """Draw the front faces of a mesh with its textures; edges between faces of different direction are sharp."""
    places = places_px(mesh.vertices, mesh.vertices, side)
    corners = places[:, mesh.faces.T]
    normals = face_normals(corners)
    front = np.flatnonzero(normals[2] > 0)
    hits = triangle_hits(corners[:, :, front], side)
    yield
    face = front[hits.item]
    at_corners = corner_normals(normals, mesh.faces.T, len(mesh.vertices))
    normal = sum(at_corners[:, corner, face] * hits.weights[corner] for corner in range(3))
    return hits.pixel, lit(mesh.base_colors(face, hits.weights.T).T, normal)


def corner_normals(normals: np.ndarray, faces: np.ndarray, count: int) -> np.ndarray:
    """Return the unit normals of vertices at each corner, or those of the faces if they differ by more than 30°.

    Args:
        normals: (3, F) float32, face normals.
        faces: (3, F) int32, indices of the vertices.
        count: Number of vertices.

    Returns:
        (3, 3, F) float32: axis, corner, face.
    """
    flat = unit(normals)[:, None]
    smooth = unit(vertex_normals(normals, faces, count))[:, faces]
    return np.where((flat * smooth).sum(axis=0) < SHARP_COSINE, flat, smooth)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors (3, N) float32 with a length of 1."""
    scaled: np.ndarray = vectors / np.sqrt((vectors**2).sum(axis=0)).clip(1e-12, None)
    return scaled


def mesh_pixels(mesh: Mesh, side: int) -> Pixels:
    """Draw the front faces of a mesh."""
    if len(mesh.faces) > MAX_TRIANGLES:
        return dense_mesh_pixels(mesh, side)
    places = places_px(mesh.vertices, mesh.vertices, side)
    faces = front_faces(places, mesh.faces)
    corners = places[:, faces]
    hits = triangle_hits(corners, side)
    at_vertices = vertex_normals(face_normals(corners), faces, len(mesh.vertices))
    seen = faces[:, hits.item]
    normal = sum(at_vertices[:, vertices] * weight for vertices, weight in zip(seen, hits.weights, strict=True))
    color = sum(mesh.colors[vertices].T * weight for vertices, weight in zip(seen, hits.weights, strict=True))
    return hits.pixel, lit(color, normal)


def dense_mesh_pixels(mesh: Mesh, side: int) -> Pixels:
    """Draw a sample of the front faces of a mesh, each as a sphere of a few pixels with the face's normal."""
    # Chosen at random: an even step would leave the gaps of a pattern, since faces are stored in the order of a grid.
    random = np.random.default_rng(0).random(SAMPLES)
    faces = mesh.faces.take(((np.arange(SAMPLES) + random) * (len(mesh.faces) / SAMPLES)).astype(np.int64), axis=0)
    sample = mesh.vertices.take(faces.T.ravel(), axis=0)
    corners = places_px(sample, sample, side).reshape(3, 3, -1)
    normals = face_normals(corners)
    front = np.flatnonzero(normals[2] > 0)
    hits = sphere_hits(corners.mean(axis=1).take(front, axis=1), SAMPLE_RADIUS_PX, side)
    seen = front[hits.item]
    return without_pinholes(hits.pixel, lit(mesh.colors[faces[seen, 0]].T, normals[:, seen]), side)


def without_pinholes(pixel: np.ndarray, colors: np.ndarray, side: int) -> Pixels:
    """Add the pixels that the sample missed: each between two that it drew, with the color of one of them."""
    drawn = np.zeros((side, side), bool)
    drawn.ravel()[pixel] = True
    index = np.zeros(side * side, np.int32)
    index[pixel] = np.arange(len(pixel), dtype=np.int32)
    between_rows, between_columns = np.zeros_like(drawn), np.zeros_like(drawn)
    between_rows[1:-1] = drawn[:-2] & drawn[2:] & ~drawn[1:-1]
    between_columns[:, 1:-1] = drawn[:, :-2] & drawn[:, 2:] & ~drawn[:, 1:-1] & ~between_rows[:, 1:-1]
    below, right = np.flatnonzero(between_rows), np.flatnonzero(between_columns)
    copied = index[np.concatenate([below - side, right - 1])]
    return np.concatenate([pixel, below, right]), np.concatenate([colors, colors[:, copied]], axis=1)


def cloud_pixels(cloud: PointCloud, side: int) -> Pixels:
    """Draw each point as a ball."""
    step = math.ceil(len(cloud.points) / MAX_POINTS)
    places = places_px(cloud.points[::step], cloud.points, side)
    radius_px = min(max(side / math.sqrt(places.shape[1]), 1.5), side / 32)
    hits = sphere_hits(places, radius_px, side)
    normals = hits.weights + np.array([[0], [0], [BALL_SOFTNESS]], np.float32)
    return hits.pixel, lit(cloud.colors[::step][hits.item].T, normals)


def front_faces(places: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the faces that the camera sees from outside, (3, G) int32.

    Args:
        places: (3, V) float32, column, row and depth of each vertex.
        faces: (F, 3) int32, counter-clockwise seen from outside.
    """
    by_corner = np.ascontiguousarray(faces.T)
    (ax, bx, cx), (ay, by, cy) = places[0][by_corner], places[1][by_corner]
    return by_corner[:, np.flatnonzero((by - ay) * (cx - ax) > (bx - ax) * (cy - ay))]


def places_px(points: np.ndarray, extent: np.ndarray, side: int) -> np.ndarray:
    """Project points, so that an object fills the image.

    Args:
        points: (N, 3) float32 in model space.
        extent: (M, 3) float32, all points of the object.
        side: Width and height of the image in pixels.

    Returns:
        (3, N) float32: column, row and depth in pixels.
    """
    axes = camera_axes()
    places = axes @ extent.T
    low, high = places.min(axis=1), places.max(axis=1)
    scale = np.float32(side * (1 - 2 * MARGIN) / max(float((high - low)[:2].max()), 1e-6))
    placed: np.ndarray = (axes * scale) @ points.T + (np.float32(side / 2) - (low + high) * scale / 2)[:, None]
    return placed


def camera_axes() -> np.ndarray:
    """Return the camera's axes right, down and forward in model space as rows, (3, 3) float32."""
    azimuth, elevation = math.radians(AZIMUTH_DEG), math.radians(ELEVATION_DEG)
    right = (math.cos(azimuth), math.sin(azimuth), 0.0)
    flat = math.cos(elevation)
    forward = (-math.sin(azimuth) * flat, math.cos(azimuth) * flat, -math.sin(elevation))
    return np.array([right, np.cross(forward, right), forward], np.float32)


def face_normals(corners: np.ndarray) -> np.ndarray:
    """Return normals as long as twice the face's area, (3, F) float32: right, up and toward the viewer.

    Args:
        corners: (3, 3, F) float32, column, row and depth of each corner.
    """
    (bx, by, bz), (cx, cy, cz) = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.stack([by * cz - bz * cy, bx * cz - bz * cx, by * cx - bx * cy])


def vertex_normals(normals: np.ndarray, faces: np.ndarray, count: int) -> np.ndarray:
    """Return the sum of the face normals at each vertex, (3, V) float32.

    Args:
        normals: (3, F) float32.
        faces: (3, F) int32, indices of the vertices.
        count: V.
    """
    vertices = faces.ravel()
    return np.stack([np.bincount(vertices, np.tile(axis, 3), count) for axis in normals]).astype(np.float32)


def lit(colors: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Return linear colors under the light, (3, Q) float32.

    Args:
        colors: (3, Q) float32 sRGB.
        normals: (3, Q) float32 of any length.
    """
    normals = normals / np.sqrt((normals**2).sum(axis=0)).clip(1e-12, None)
    brightness = AMBIENT + SKY * (0.5 + 0.5 * normals[1]) + DIFFUSE * (LIGHT @ normals).clip(0, None)
    shaded: np.ndarray = linear_from_srgb(colors) * brightness.astype(np.float32)
    return shaded


def downsampled(image: np.ndarray, side_px: int, supersampling: int = SUPERSAMPLING) -> np.ndarray:
    """Average the samples of each pixel of (4, H * W) float32, linear and covered or not; returns RGBA as bytes."""
    samples = image.reshape(4, side_px, supersampling, side_px, supersampling)
    total = np.zeros((4, side_px, side_px), np.float32)
    for row, column in np.ndindex(supersampling, supersampling):
        total += samples[:, :, row, :, column]
    mean = total / np.float32(supersampling**2)
    colors = srgb_from_linear((mean[:3] / mean[3].clip(1e-6, None)).clip(0, 1))
    values: np.ndarray = np.rint(np.concatenate([colors, mean[3:]]) * 255).astype(np.uint8)
    return values.transpose(1, 2, 0).copy()
