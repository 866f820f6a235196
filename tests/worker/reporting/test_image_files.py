# SPDX-License-Identifier: GPL-3.0-or-later
"""Views as files: PNG frames and the cameras that belong to them."""

import json

import numpy as np
import pytest
from PIL import Image

from blender_text3d.protocol.events import TERMINAL
from blender_text3d.worker.batch.batch_job import BatchJob
from blender_text3d.worker.reporting.image_files import save_png, save_view_images
from tests.worker.rerun.sample_views import example_views


@pytest.fixture
def folder(tmp_path):
    save_view_images(tmp_path / "views", example_views())
    return tmp_path / "views"


@pytest.fixture
def cameras(folder):
    return json.loads((folder / "cameras.json").read_text())


def test_each_frame_in_cameras_json_is_the_view_with_its_transparent_background(folder, cameras):
    assert sorted(path.name for path in folder.iterdir()) == ["000.png", "001.png", "002.png", "cameras.json"]
    for frame, image in zip(cameras["frames"], example_views().images, strict=True):
        with Image.open(folder / frame["file_path"]) as read:
            assert read.mode == "RGBA"
            np.testing.assert_array_equal(np.asarray(read), image)


def test_a_point_projected_by_cameras_json_alone_falls_on_its_pixel(cameras):
    point, views = np.array([0.3, -0.2, 0.5, 1.0]), example_views()
    for index, frame in enumerate(cameras["frames"]):
        x, y, z, _ = np.linalg.inv(frame["transform_matrix"]) @ point
        column, row = cameras["cx"] - cameras["fl_x"] * x / z, cameras["cy"] + cameras["fl_y"] * y / z
        np.testing.assert_allclose([column, row, -z], views.cameras.pixels(index, point[None, :3])[0], atol=1e-4)


def test_the_angle_and_the_focal_length_of_cameras_json_agree(cameras):
    assert cameras["w"] / 2 / np.tan(cameras["camera_angle_x"] / 2) == pytest.approx(cameras["fl_x"])


def test_a_job_with_views_names_their_files_and_they_exist(done, monkeypatch):
    write_files = BatchJob.write_files

    def write_views_too(job, result):
        result.views = example_views()
        write_files(job, result)

    monkeypatch.setattr(BatchJob, "write_files", write_views_too)
    job = done("a red chair")
    assert isinstance(job.last_event(), TERMINAL)
    assert job.last_event().kind == "finished"
    files = job.last_event().files
    assert (files["views"], files["view_images"]) == ("views.npz", "views")
    assert job.views.is_file()
    assert (job.view_images / "cameras.json").is_file()


def test_cameras_json_has_the_lens_and_the_center_in_pixels(cameras):
    lens = example_views().cameras
    assert (cameras["w"], cameras["h"], cameras["cx"], cameras["cy"]) == (6, 6, 3.0, 3.0)
    assert cameras["fl_x"] == cameras["fl_y"] == lens.focal_px
    assert cameras["camera_angle_x"] == lens.angle_x_rad()
    assert [frame["file_path"] for frame in cameras["frames"]] == ["000.png", "001.png", "002.png"]


def test_cameras_json_is_written_last_and_a_second_time_into_the_same_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(Image.Image, "save", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        save_view_images(tmp_path / "views", example_views())
    assert list((tmp_path / "views").iterdir()) == []
    monkeypatch.undo()
    for _ in range(2):
        save_view_images(tmp_path / "views", example_views())
    assert len(list((tmp_path / "views").iterdir())) == 4


@pytest.mark.parametrize(("channels", "mode"), [(3, "RGB"), (4, "RGBA")])
def test_a_png_has_the_pixels_of_the_image(tmp_path, channels, mode):
    image = np.random.default_rng(1).integers(0, 256, (3, 5, channels), np.uint8)
    save_png(tmp_path / "a.picture", image)
    with Image.open(tmp_path / "a.picture") as read:
        assert (read.format, read.mode, read.size) == ("PNG", mode, (5, 3))
        np.testing.assert_array_equal(np.asarray(read), image)
