# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a job folder: what Blender reads comes first, and is compressed once nobody waits for it."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from blender_text3d.engine.shap_e.saved_steps import load_steps
from blender_text3d.geometry import Mesh, PointCloud, load_geometry, load_views
from blender_text3d.geometry.step_geometry import load_step_geometry
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.reporting.export import compress_geometry, geometry_writers, other_writers
from tests.worker.rerun.sample_views import example_views

RANDOM = np.random.default_rng(3)
VERTICES = RANDOM.normal(size=(40, 3)).astype(np.float32)
MESH = Mesh(VERTICES, RANDOM.permutation(120).reshape(40, 3).astype(np.int32) % 40, RANDOM.random((40, 3), np.float32))
CLOUD = PointCloud(VERTICES, MESH.colors)


NO_STEPS = {"step_latents": None, "step_geometry": (), "latent_sha256": ""}
FILES = {
    "mesh": "mesh.npz", "cloud": "cloud.npz", "latent": "latent.npz", "views": "views.npz", "view_images": "views",
}  # fmt: skip
"""Every file of a result, in the order of writing: what Blender reads comes first."""


def all_writers(folder, result):
    return geometry_writers(folder, result) | other_writers(folder, result)


def test_what_blender_imports_is_written_first(tmp_path):
    result = SimpleNamespace(
        mesh=MESH, cloud=CLOUD, latent=np.arange(4.0), views=example_views(), weights_sha256="ab", **NO_STEPS
    )
    assert list(geometry_writers(JobFolder(tmp_path), result)) == ["mesh", "cloud"]


@pytest.mark.parametrize(
    ("lacking", "missing"),
    [((), ()), (("mesh",), ("mesh",)), (("cloud",), ("cloud",)), (("latent",), ("latent",)),
     (("views",), ("views", "view_images")), (("mesh", "cloud", "latent", "views"), tuple(FILES))],
)  # fmt: skip
def test_a_result_has_a_file_for_each_of_its_parts_in_the_order_of_use(tmp_path, lacking, missing):
    parts = {"mesh": MESH, "cloud": CLOUD, "latent": np.arange(4.0), "views": example_views()}
    result = SimpleNamespace(**parts | dict.fromkeys(lacking), weights_sha256="ab", **NO_STEPS)
    found = all_writers(JobFolder(tmp_path), result)
    assert [(name, path) for name, (path, _) in found.items()] == [
        (name, tmp_path / file) for name, file in FILES.items() if name not in missing
    ]


def test_each_file_has_its_part_of_the_result(tmp_path):
    result = SimpleNamespace(
        mesh=MESH,
        cloud=CLOUD,
        latent=np.arange(4.0, dtype=np.float32),
        views=example_views(),
        weights_sha256="ab" * 32,
        **NO_STEPS,
    )
    for name, (path, write) in all_writers(JobFolder(tmp_path), result).items():
        write(path.with_name(f"{name} of the test{path.suffix}"))
    files = {path.name.split(" ")[0]: path for path in Path(tmp_path).iterdir()}
    np.testing.assert_array_equal(load_geometry(files["mesh"]).faces, MESH.faces)
    np.testing.assert_array_equal(load_geometry(files["cloud"]).points, CLOUD.points)
    np.testing.assert_array_equal(load_views(files["views"]).images, result.views.images)
    with np.load(files["latent"], allow_pickle=False) as latent:
        np.testing.assert_array_equal(latent["latent"], result.latent)
        assert str(latent["weights_sha256"]) == "ab" * 32
    assert (files["view_images"] / "cameras.json").is_file()


def test_compressed_geometry_is_smaller_and_equal_to_the_last_bit(tmp_path):
    smooth = Mesh(np.sort(RANDOM.random((5000, 3), np.float32), axis=0), MESH.faces, np.zeros((5000, 3), np.float32))
    (path, write), _ = geometry_writers(JobFolder(tmp_path), SimpleNamespace(mesh=smooth, cloud=CLOUD)).values()
    write(path)
    stored = path.stat().st_size
    compress_geometry([path])
    assert path.stat().st_size < 0.7 * stored
    for name, values in vars(smooth).items():
        np.testing.assert_array_equal(getattr(load_geometry(path), name), values)
        with np.load(path) as arrays:
            np.testing.assert_array_equal(arrays[name], values)


def test_geometry_that_cannot_be_compressed_is_left_as_it_is(tmp_path):
    (tmp_path / "mesh.npz").write_bytes(b"no zip")
    compress_geometry([tmp_path / "mesh.npz", tmp_path / "gone.npz"])
    assert (tmp_path / "mesh.npz").read_bytes() == b"no zip"


def test_steps_are_written_as_latents_or_clouds_and_decoded_ones_as_meshes(tmp_path):
    parts = dict.fromkeys(("mesh", "cloud", "latent", "views")) | NO_STEPS | {"weights_sha256": "ab"}
    latents = np.arange(8, dtype=np.float16).reshape(2, 4)
    for wanted, own in (
        ({"steps": "steps.npz"}, {"step_latents": latents}),
        ({"steps": "steps.npz"}, {"step_geometry": (CLOUD, CLOUD)}),
        ({"step_meshes": "step_meshes.npz"}, {"step_geometry": (MESH, MESH)}),
        ({}, {}),
    ):
        writers = other_writers(JobFolder(tmp_path), SimpleNamespace(**parts | own))
        assert {name: path.name for name, (path, _) in writers.items()} == wanted
        for path, write in writers.values():
            write(path)
            if "step_latents" in own:
                assert np.array_equal(load_steps(path, 4)[0], latents)
            else:
                assert [type(step) for step in load_step_geometry(path)] == list(map(type, own["step_geometry"]))


def test_a_latent_that_was_decoded_again_keeps_the_hash_of_the_weights_that_sampled_it(tmp_path):
    parts = {"mesh": None, "cloud": None, "views": None, "latent": np.arange(4.0, dtype=np.float32)}
    result = SimpleNamespace(**parts | NO_STEPS | {"weights_sha256": "ab" * 32, "latent_sha256": "cd" * 32})
    ((path, write),) = other_writers(JobFolder(tmp_path), result).values()
    write(path)
    with np.load(path, allow_pickle=False) as latent:
        assert str(latent["weights_sha256"]) == "cd" * 32
