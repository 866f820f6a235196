# SPDX-License-Identifier: GPL-3.0-or-later
"""All formats of a job have one size, foot and rotation, and other programs read them."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import trimesh

from blender_text3d.exports.export_job import export_job, export_size
from blender_text3d.exports.formats import MESH_FORMATS, ExportTarget
from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.geometry.placement import placement_of
from blender_text3d.protocol.errors import InvalidJob
from blender_text3d.protocol.exported_files import EXPORT_FORMATS
from tests.exports.sample_jobs import BOX, finished_job, sphere_cloud

Y_UP = {"glb", "obj"}
NAMESPACE = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"


def exported(tmp_path: Path, format_name: str, part: str = "mesh", print_height_mm: float = 0.0, **job) -> Path:
    path = tmp_path / f"file.{format_name}"
    folder = finished_job(tmp_path / "jobs", **job)
    export_job(folder, [ExportTarget(part, format_name, path)], print_height_mm)
    return path


def points_in(path: Path) -> np.ndarray:
    """Return the points of a file, Z up, in the unit of the file."""
    if path.suffix == ".usd":
        text = path.read_text()
        rows = text.split("point3f[] points = [")[1].split("]")[0].strip("()").split("), (")
        points = np.array([row.split(", ") for row in rows], float)
    elif path.suffix == ".3mf":
        with zipfile.ZipFile(path) as archive:
            tree = ElementTree.fromstring(archive.read("3D/3dmodel.model"))
        assert tree.get("unit") == "millimeter"
        points = np.array([[float(v.get(axis)) for axis in "xyz"] for v in tree.iter(f"{NAMESPACE}vertex")])
    else:
        read = trimesh.load(path, process=False)
        points = np.asarray((read.to_geometry() if hasattr(read, "to_geometry") else read).vertices)
    if path.suffix.removeprefix(".") in Y_UP:
        points = np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1)
    return points


@pytest.mark.parametrize("format_name", EXPORT_FORMATS)
@pytest.mark.parametrize(("size_m", "rotation_deg"), [(1.0, 0), (0.25, 90), (40.0, 270)])
def test_every_format_has_the_asked_size_and_rotation_and_its_foot_at_zero(tmp_path, format_name, size_m, rotation_deg):
    points = points_in(exported(tmp_path, format_name, size_m=size_m, rotation_deg=rotation_deg))
    unit = 1000 if format_name == "3mf" else 1
    expected = placement_of(BOX.vertices, size_m, rotation_deg).apply(BOX.vertices) * unit
    order = lambda values: values[np.lexsort(np.round(values / size_m / unit, 3).T)]  # noqa: E731
    if format_name == "stl":  # has no shared vertices
        points = np.unique(points.round(5), axis=0)
    np.testing.assert_allclose(order(points), order(expected), atol=2e-5 * size_m * unit)
    assert points[:, 2].min() == 0


@pytest.mark.parametrize("format_name", sorted(set(EXPORT_FORMATS) - set(MESH_FORMATS)))
def test_a_cloud_has_the_asked_size_and_its_foot_at_zero_too(tmp_path, format_name):
    points = points_in(exported(tmp_path, format_name, "cloud", mesh=None, cloud=sphere_cloud(), size_m=3.0))
    assert len(points) == 400
    assert (points.min(axis=0)[2], np.ptp(points, axis=0).max()) == (0, pytest.approx(3.0, rel=1e-5))


@pytest.mark.parametrize("format_name", ["stl", "3mf"])
@pytest.mark.parametrize("height_mm", [60.0, 0.5, 250.0])
def test_a_print_is_so_many_millimeters_high(tmp_path, format_name, height_mm):
    points = points_in(exported(tmp_path, format_name, print_height_mm=height_mm, size_m=7.0))
    assert (points[:, 2].min(), points[:, 2].max()) == (0, pytest.approx(height_mm, rel=1e-5))


@pytest.mark.parametrize("format_name", ["glb", "ply", "obj", "usd"])
def test_a_print_height_leaves_the_other_formats_in_meters(tmp_path, format_name):
    points = points_in(exported(tmp_path, format_name, print_height_mm=60.0, size_m=2.0))
    assert np.ptp(points, axis=0).max() == pytest.approx(2.0)


def test_the_height_of_a_print_is_its_own_whatever_its_longest_side():
    lying = Mesh(BOX.vertices[:, [2, 1, 0]], BOX.faces, BOX.colors)  # 1 x 0.6 x 0.5
    assert export_size(lying, "stl", 1.0, 60.0) == pytest.approx(120.0)
    flat = PointCloud(BOX.vertices * np.float32([1, 1, 0]), BOX.colors)
    assert export_size(flat, "stl", 1.0, 60.0) == 60.0


def test_a_ply_has_unit_normals_and_srgb_bytes_in_the_order_of_the_mesh(tmp_path):
    read = trimesh.load(exported(tmp_path, "ply"), process=False)
    np.testing.assert_array_equal(read.faces, BOX.faces)
    np.testing.assert_array_equal(read.visual.vertex_colors[:, :3], np.rint(BOX.colors * 255))
    header = (tmp_path / "file.ply").read_bytes().split(b"end_header")[0].decode()
    assert all(f"property float {name}" in header for name in ("nx", "ny", "nz"))
    outward = read.vertices - read.vertices.mean(axis=0)
    assert (outward * read.vertex_normals).sum(axis=1).min() > 0


def test_the_normals_of_a_cloud_point_outward(tmp_path):
    content = exported(tmp_path, "ply", "cloud", mesh=None, cloud=sphere_cloud()).read_bytes()
    head, body = content.split(b"end_header\n")
    assert b"property float nz" in head
    values = np.frombuffer(body, np.dtype([("p", "<f4", 3), ("n", "<f4", 3), ("c", "u1", 3)]))
    cosines = ((values["p"] - values["p"].mean(axis=0)) * values["n"]).sum(axis=1) / 0.5
    assert cosines.min() > 0.8


def test_an_obj_has_its_colors_on_the_vertex_lines(tmp_path):
    read = trimesh.load(exported(tmp_path, "obj"), process=False)
    np.testing.assert_array_equal(np.asarray(read.visual.vertex_colors)[:, :3], np.rint(BOX.colors * 255))
    assert read.is_watertight


def test_an_stl_is_closed_and_not_taken_for_text(tmp_path):
    content = exported(tmp_path, "stl").read_bytes()
    assert not content.startswith(b"solid")
    assert trimesh.load(tmp_path / "file.stl").volume == pytest.approx(0.5 * 0.6, rel=1e-5)


def test_a_3mf_has_a_color_for_each_corner_and_the_name(tmp_path):
    with zipfile.ZipFile(exported(tmp_path, "3mf", prompt='a "red" <chair> & more')) as archive:
        assert archive.testzip() is None
        tree = ElementTree.fromstring(archive.read("3D/3dmodel.model"))
    (made,) = tree.iter(f"{NAMESPACE}object")
    assert made.get("name") == 'a "red" <chair> & more'
    colors = [color.get("color") for color in tree.iter() if color.tag.endswith("}color")]
    corners = {
        int(t.get(f"v{i}")): colors[int(t.get(f"p{i}"))] for t in tree.iter(f"{NAMESPACE}triangle") for i in "123"
    }
    for vertex, color in corners.items():
        values = [int(color[start : start + 2], 16) for start in (1, 3, 5)]
        np.testing.assert_allclose(values, BOX.colors[vertex] * 255, atol=5)


@pytest.mark.parametrize("prompt", ["a red chair", "3 apples", "红色的椅子", 'a "mug" \\ {x}', "x" * 300])
def test_every_format_takes_every_prompt(tmp_path, prompt):
    folder = finished_job(tmp_path / "jobs", prompt)
    targets = [ExportTarget("mesh", name, tmp_path / f"a.{name}") for name in EXPORT_FORMATS]
    export_job(folder, targets)
    assert all(len(points_in(target.path)) >= 8 for target in targets)


def test_the_same_job_gives_the_same_bytes(tmp_path):
    folder = finished_job(tmp_path / "jobs")
    for name in EXPORT_FORMATS:
        paths = [tmp_path / f"{copy}.{name}" for copy in "ab"]
        export_job(folder, [ExportTarget("mesh", name, path) for path in paths])
        assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_part_that_the_job_lacks_is_an_error(tmp_path):
    folder = finished_job(tmp_path / "jobs")
    with pytest.raises(InvalidJob):
        export_job(folder, [ExportTarget("cloud", "ply", tmp_path / "a.ply")])


def test_empty_geometry_is_an_error(tmp_path):
    folder = finished_job(
        tmp_path / "jobs", cloud=PointCloud(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.float32))
    )
    with pytest.raises(ValueError, match="no geometry"):
        export_job(folder, [ExportTarget("cloud", "ply", tmp_path / "a.ply")])


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "mesh.glb"
    path.write_bytes(b"old")
    (tmp_path / "mesh.glb.part").mkdir()
    with pytest.raises(OSError, match=r"mesh\.glb\.part"):
        export_job(finished_job(tmp_path / "jobs"), [ExportTarget("mesh", "glb", path)])
    assert path.read_bytes() == b"old"


def test_another_python_exports_the_same_bytes_task_by_task(tmp_path):
    folder = finished_job(tmp_path / "jobs")
    export_job(folder, [ExportTarget("mesh", "glb", tmp_path / "a.glb")])
    tasks = [
        {"job": str(folder.path), "targets": [["mesh", "glb", str(tmp_path / "b.glb")]], "print_height_mm": 0.0},
        {"job": str(tmp_path / "gone"), "targets": [["mesh", "glb", str(tmp_path / "c.glb")]], "print_height_mm": 0.0},
    ]
    command = [sys.executable, "-m", "blender_text3d.exports"]
    lines = "".join(json.dumps(task) + "\n" for task in tasks)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first, (tmp_path / "b.glb").read_bytes()) == ("", (tmp_path / "a.glb").read_bytes())
    assert "cannot be read" in second
