# SPDX-License-Identifier: GPL-3.0-or-later
"""Results → files: arrays for Blender; glTF, PLY and PNG for other programs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import trimesh

from ...engine.shap_e.saved_latent import save_latent
from ...geometry import Mesh, PointCloud, save_geometry, save_views
from ...geometry.srgb import linear_from_srgb
from ...protocol.job_folder import JobFolder
from ...system.files import atomic_write
from .image_files import save_view_images

if TYPE_CHECKING:
    from ...engine.generate import Result

# glTF is Y up and faces +Z; model space is Z up and faces -Y.
GLTF_FROM_MODEL = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32)
# The default material of glTF is a metal.
MATTE = {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8}, "doubleSided": True}


Writers = dict[str, tuple[Path, Callable[[Path], None]]]
"""Files by kind: path, and the function that writes it."""


def geometry_writers(folder: JobFolder, result: "Result") -> Writers:
    """Return the files that Blender imports, in the order of writing."""
    mesh, cloud = result.mesh, result.cloud
    files: Writers = {}
    if mesh is not None:
        files["mesh"] = folder.mesh, lambda path: save_geometry(path, mesh)
    if cloud is not None:
        files["cloud"] = folder.cloud, lambda path: save_geometry(path, cloud)
    return files


def other_writers(folder: JobFolder, result: "Result") -> Writers:
    """Return all other files of a result, in the order of writing."""
    mesh, cloud, latent, views = result.mesh, result.cloud, result.latent, result.views
    files: Writers = {}
    if latent is not None:
        files["latent"] = folder.latent, lambda path: save_latent(path, latent, result.weights_sha256)
    if mesh is not None:
        files["glb"] = folder.glb, lambda path: save_glb(path, mesh)
        files["ply"] = folder.mesh_ply, lambda path: save_ply(path, mesh)
    if cloud is not None:
        files["cloud_ply"] = folder.cloud_ply, lambda path: save_ply(path, cloud)
    if views is not None:
        files["views"] = folder.views, lambda path: save_views(path, views)
        files["view_images"] = folder.view_images, lambda path: save_view_images(path, views)
    return files


def save_ply(path: Path, geometry: Mesh | PointCloud) -> None:
    """Write binary PLY in model space with sRGB bytes, which PLY readers expect."""
    colors = np.rint(geometry.colors.clip(0, 1) * 255).astype(np.uint8)
    shape: trimesh.Trimesh | trimesh.PointCloud
    if isinstance(geometry, Mesh):
        shape = trimesh.Trimesh(geometry.vertices, geometry.faces, vertex_colors=colors, process=False)
    else:
        shape = trimesh.PointCloud(geometry.points, colors=colors)
    content = shape.export(file_type="ply")
    assert isinstance(content, bytes)
    with atomic_write(path) as file:
        file.write(content)


def save_glb(path: Path, mesh: Mesh) -> None:
    """Write binary glTF: Y up, linear float colors."""
    shape = trimesh.Trimesh(mesh.vertices @ GLTF_FROM_MODEL.T, mesh.faces, process=False)
    # trimesh rounds a mesh's colors to bytes, too coarse for dark linear colors; a custom attribute stays float.
    shape.vertex_attributes["_COLOR_0"] = linear_from_srgb(mesh.colors)
    shapes: dict[str, trimesh.parent.Geometry] = {"object": shape}
    content = trimesh.exchange.gltf.export_glb(
        trimesh.Scene(shapes), include_normals=True, tree_postprocessor=_name_colors
    )
    with atomic_write(path) as file:
        file.write(content)


def _name_colors(tree: dict[str, Any]) -> None:
    """Rename the custom attribute to the standard one that readers expect, and assign a matte material."""
    tree["materials"] = [MATTE]
    for mesh in tree["meshes"]:
        for primitive in mesh["primitives"]:
            primitive["attributes"]["COLOR_0"] = primitive["attributes"].pop("_COLOR_0")
            primitive["material"] = 0
