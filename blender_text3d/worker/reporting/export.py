# SPDX-License-Identifier: GPL-3.0-or-later
"""Results → files of a job folder: arrays, and PNG images of views. `exports` writes formats of other programs."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine.shap_e.saved_latent import save_latent
from ...engine.shap_e.saved_steps import save_steps
from ...geometry import Mesh, save_geometry, save_views
from ...geometry.step_geometry import save_step_geometry
from ...protocol.job_folder import JobFolder
from ...system.deflate_npz import deflate_npz
from .image_files import save_view_images

if TYPE_CHECKING:
    from ...engine.generate import Result

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
    latent, views, sampled_by = result.latent, result.views, result.latent_sha256 or result.weights_sha256
    files: Writers = {}
    if latent is not None:
        files["latent"] = folder.latent, lambda path: save_latent(path, latent, sampled_by)
    files |= step_writers(folder, result)
    if views is not None:
        files["views"] = folder.views, lambda path: save_views(path, views)
        files["view_images"] = folder.view_images, lambda path: save_view_images(path, views)
    return files


def step_writers(folder: JobFolder, result: "Result") -> Writers:
    """Return the file of the denoising steps, or of their meshes in a job that decodes them."""
    latents, geometry = result.step_latents, result.step_geometry
    files: Writers = {}
    if latents is not None:
        files["steps"] = folder.steps, lambda path: save_steps(path, latents, result.weights_sha256)
    elif geometry and isinstance(geometry[0], Mesh):
        files["step_meshes"] = folder.step_meshes, lambda path: save_step_geometry(path, geometry)
    elif geometry:
        files["steps"] = folder.steps, lambda path: save_step_geometry(path, geometry)
    return files


def compress_geometry(paths: Iterable[Path]) -> None:
    """Compress the files that Blender imports, which were written uncompressed because it waits for them.

    A failure, as on a full disk, leaves the files as they are.
    """
    for path in paths:
        with suppress(OSError, ValueError):
            deflate_npz(path)
