# SPDX-License-Identifier: GPL-3.0-or-later
"""A result → files: arrays for Blender, glTF, PLY and PNG for other programs."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

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

# glTF is Y up and looks towards +Z; model space is Z up and looks towards -Y.
GLTF_FROM_MODEL = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], np.float32)
# Without a material, glTF says metal.
MATTE = {"pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8}, "doubleSided": True}


def writers(job: JobFolder, result: "Result") -> dict[str, tuple[Path, Callable[[Path], None]]]:
    """What to write for a result, in order: name → (path, what writes it there)."""
    mesh, cloud, views = result.mesh, result.cloud, result.views
    todo = {}
    if mesh is not None:
        todo["mesh"] = job.mesh, lambda path: save_geometry(path, mesh)
    if cloud is not None:
        todo["cloud"] = job.cloud, lambda path: save_geometry(path, cloud)
    if result.latent is not None:
        todo["latent"] = job.latent, lambda path: save_latent(path, result.latent, result.weights_sha256)
    if mesh is not None:
        todo["glb"] = job.glb, lambda path: save_glb(path, mesh)
        todo["ply"] = job.mesh_ply, lambda path: save_ply(path, mesh)
    if cloud is not None:
        todo["cloud_ply"] = job.cloud_ply, lambda path: save_ply(path, cloud)
    if views is not None:
        todo["views"] = job.views, lambda path: save_views(path, views)
        todo["view_images"] = job.view_images, lambda folder: save_view_images(folder, views)
    return todo


def save_ply(path: Path, geometry: Mesh | PointCloud) -> None:
    """Write binary PLY in model space with sRGB bytes, which is what PLY readers take colours for."""
    colors = np.rint(geometry.colors.clip(0, 1) * 255).astype(np.uint8)
    if isinstance(geometry, Mesh):
        scene = trimesh.Trimesh(geometry.vertices, geometry.faces, vertex_colors=colors, process=False)
    else:
        scene = trimesh.PointCloud(geometry.points, colors=colors)
    with atomic_write(path) as file:
        file.write(scene.export(file_type="ply"))


def save_glb(path: Path, mesh: Mesh) -> None:
    """Write binary glTF: Y up, linear float colours."""
    scene = trimesh.Trimesh(mesh.vertices @ GLTF_FROM_MODEL.T, mesh.faces, process=False)
    # trimesh rounds a mesh's own colours to bytes, too coarse for dark linear ones; a custom attribute stays float.
    scene.vertex_attributes["_COLOR_0"] = linear_from_srgb(mesh.colors)
    content = trimesh.exchange.gltf.export_glb(
        trimesh.Scene({"object": scene}), include_normals=True, tree_postprocessor=_name_colors
    )
    with atomic_write(path) as file:
        file.write(content)


def _name_colors(tree: dict) -> None:
    """Give the custom attribute the name that readers look for, and the object a material that is no metal."""
    tree["materials"] = [MATTE]
    for mesh in tree["meshes"]:
        for primitive in mesh["primitives"]:
            primitive["attributes"]["COLOR_0"] = primitive["attributes"].pop("_COLOR_0")
            primitive["material"] = 0
