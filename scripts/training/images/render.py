# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of colored meshes without a display, for evaluation and contact sheets.

`python -m scripts.training.images.render MESH.npz ... --out sheet.png` shows meshes (vertices, faces, colors) side by
side.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from .camera import Camera, three_quarter_camera
from .contact_sheet import contact_sheet
from .rasterize import VisibleSurface, rasterize
from .shadows import key_light, openness, shadow_map

BACKGROUND = np.array([0.83, 0.84, 0.86])
"""Linear light, about 0.92 in sRGB."""

KEY, SKY, BOUNCE = 0.78, 0.42, 0.2
"""Light from the lamp, from above and from the ground, for a white surface."""


def render(
    vertices: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray,
    *,
    size: int = 256,
    supersample: int = 2,
    smooth: bool = True,
    occlusion: bool = True,
    turn_deg: float = 28.0,
    height_deg: float = 20.0,
) -> Image.Image:
    """Render a mesh in three-quarter view on a light ground with a soft shadow.

    Args:
        vertices: (V, 3) model space: Z up, front towards -Y.
        faces: (F, 3) int, counter-clockwise seen from outside.
        colors: (V, 3) sRGB 0..1.
        size: side of the image, pixels.
        supersample: rendered pixels per image pixel, along each side.
        smooth: shade with normals averaged at the vertices, not flat.
        occlusion: darken corners and gaps.
        turn_deg: azimuth of the camera to the right of the front.
        height_deg: elevation of the camera.

    Returns:
        RGB image; only background for an empty mesh.
    """
    side = size * supersample
    if len(faces) == 0:
        return _to_image(np.broadcast_to(BACKGROUND, (side, side, 3)), supersample)
    vertices, faces = np.asarray(vertices, float), np.asarray(faces)
    camera = three_quarter_camera(vertices, side, turn_deg, height_deg)
    seen = rasterize(camera.image_of(vertices), faces, side, side)
    image = _ground(vertices, faces, camera, side)
    image[seen.is_hit] = _lit_surface(vertices, faces, np.asarray(colors), camera, seen, smooth, occlusion)
    return _to_image(image, supersample)


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return (V, 3) unit normals, the area-weighted mean of the adjacent faces."""
    normals = _face_normals(vertices, faces)
    sums = [
        np.bincount(faces.T.reshape(-1), np.tile(normals[:, axis], 3), minlength=len(vertices)) for axis in range(3)
    ]
    return _unit(np.stack(sums, axis=1))


def _lit_surface(
    vertices, faces, colors, camera: Camera, seen: VisibleSurface, smooth: bool, occlusion: bool
) -> np.ndarray:
    """Return linear colors (P, 3) of the pixels covered by the mesh."""
    if smooth:
        normals = _unit(seen.values(vertex_normals(vertices, faces), faces))
    else:
        normals = _unit(_face_normals(vertices, faces)[seen.face[seen.is_hit]])
    light = key_light(camera)
    shadows = shadow_map(vertices, faces, light, blur=0.01)
    places = camera.place + camera.rays(seen.face.shape[0])[seen.is_hit] / -seen.depth[seen.is_hit][:, None]
    direct = KEY * (normals @ light).clip(0, 1) * shadows.light_at(places + 0.02 * shadows.radius * normals)
    ambient = BOUNCE + (SKY - BOUNCE) * (0.5 + 0.5 * normals[:, 2])
    if occlusion:
        ambient = ambient * openness(seen, shadows.radius / 1.35)
    return _linear(seen.values(colors, faces)) * (direct + ambient)[:, None]


def _ground(vertices, faces, camera: Camera, side: int) -> np.ndarray:
    """Return the linear background (side, side, 3): the ground at the lowest point with the shadow, no horizon."""
    rays, floor = camera.rays(side), vertices[:, 2].min()
    places = camera.place + rays * ((floor - camera.place[2]) / rays[..., 2].clip(None, -1e-3))[..., None]
    cast = shadow_map(vertices, faces, key_light(camera), blur=0.02).cover_at(places.reshape(-1, 3))
    low_faces = faces[vertices[faces, 2].min(axis=1) < floor + 0.12 * np.ptp(vertices[:, 2])]
    contact = shadow_map(vertices, low_faces, np.array([0.0, 0.0, 1.0]), blur=0.015).cover_at(places.reshape(-1, 3))
    light = (1 - 0.42 * cast) * (1 - 0.35 * contact)
    return BACKGROUND * light.reshape(side, side, 1)


def _face_normals(vertices, faces):
    corner, second, third = (vertices[faces[:, i]] for i in range(3))
    return np.cross(second - corner, third - corner)


def _unit(vectors):
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def _linear(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _to_image(linear: np.ndarray, supersample: int) -> Image.Image:
    size = len(linear) // supersample
    mean = linear.reshape(size, supersample, size, supersample, 3).mean(axis=(1, 3)).clip(0, 1)
    srgb = np.where(mean <= 0.0031308, 12.92 * mean, 1.055 * mean ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.rint(srgb * 255).astype(np.uint8))


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("meshes", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--columns", type=int, default=6)
    parser.add_argument("--size", type=int, default=256)
    asked = parser.parse_args()
    images = []
    for path in asked.meshes:
        with np.load(path) as mesh:
            images.append(
                (
                    f"{path.parent.name} {path.stem}",
                    render(mesh["vertices"], mesh["faces"], mesh["colors"], size=asked.size),
                )
            )
    contact_sheet(images, asked.columns).save(asked.out)


if __name__ == "__main__":
    _main()
