# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that the panel opens without a click: only small images, only on this machine."""

import io

import pytest
from PIL import Image

from blender_text3d.addon.settings.remote_paths import is_remote_path, is_remote_viewer
from blender_text3d.addon.state.image_size import START_BYTES, pixel_count
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.request import VIEWER, make_requests
from tests.security.test_images import BOMBS, NOT_IMAGES

LARGE = ["50,000 x 50,000 in few bytes", "2**31 - 1 x 2**31 - 1", "one endless row", "a jpeg of 65,535 x 65,535",
         "a webp of 16,383 x 16,383"]  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_the_size_of_a_bomb_is_read_from_its_first_bytes(tmp_path, name):
    (tmp_path / "a").write_bytes(BOMBS[name])
    assert pixel_count(tmp_path / "a") > 64_000_000


@pytest.mark.parametrize("name", [*NOT_IMAGES, "nothing"])
def test_a_file_that_is_not_an_image_has_no_pixels(tmp_path, name):
    (tmp_path / "a").write_bytes(NOT_IMAGES.get(name, b""))
    assert pixel_count(tmp_path / "a") == 0


@pytest.mark.parametrize("options", [{"format": "PNG"}, {"format": "JPEG"}, {"format": "JPEG", "progressive": True},
                                     {"format": "WEBP"}, {"format": "WEBP", "lossless": True}], ids=str)  # fmt: skip
@pytest.mark.parametrize("size", [(64, 48), (1000, 300)])
def test_the_pixels_of_a_valid_image_are_counted(tmp_path, size, options):
    Image.new("RGB", size).save(tmp_path / "a", **options)
    assert pixel_count(tmp_path / "a") == size[0] * size[1]


def test_an_animated_webps_canvas_is_counted(tmp_path):
    Image.new("RGBA", (70, 50)).save(tmp_path / "a.webp", save_all=True, append_images=[Image.new("RGBA", (70, 50))])
    assert pixel_count(tmp_path / "a.webp") == 3500


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_a_truncated_image_has_its_pixel_count_or_none(tmp_path, name):
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, name)
    for length in range(64):
        (tmp_path / "a").write_bytes(buffer.getvalue()[:length])
        assert pixel_count(tmp_path / "a") in (0, 64 * 48)
    assert START_BYTES < 2**20


REMOTE_PATHS = [
    "\\\\host\\share\\a.png", "//host/share/a.png", "\\/host/a", "/\\host\\a", "\\??\\UNC\\host\\a", "/??/UNC/host/a",
    "\\\\?\\UNC\\host\\a", "\\\\.\\pipe\\a",
]  # fmt: skip


@pytest.mark.parametrize("path", REMOTE_PATHS)
def test_a_path_on_another_machine_is_remote(path):
    assert is_remote_path(path)


@pytest.mark.parametrize("path", ["/home/me/a.png", "C:\\Users\\me\\a.png", "a.png", "", 5, None, []])
def test_a_path_on_this_machine_is_not_remote(path):
    assert not is_remote_path(path)


@pytest.mark.parametrize(
    "host",
    ["example.org", "10.0.0.1", "127.0.0.1.example.org", "me@example.org", "0.0.0.0", "[::1", "", "[::ffff:9.9.9.9]"],
)
def test_a_viewer_on_another_machine_is_remote(host):
    assert is_remote_viewer(f"rerun+http://{host}:9876/proxy")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_a_viewer_on_this_machine_is_not_remote(host):
    assert not is_remote_viewer(f"rerun+http://{host}:9876/proxy")


AMBIGUOUS_HOSTS = [
    "127.0.0.2:1\\@127.0.0.1:2/..", "127.0.0.1@example.org", "example.org#@127.0.0.1", "example.org?@127.0.0.1",
    "127.0.0.1%2eexample.org", "127.0.0.1:1/../x", "127.0.0.1\t.example.org", "127.0.0.1:\u0661", "\u217cocalhost",
]  # fmt: skip


@pytest.mark.parametrize("host", AMBIGUOUS_HOSTS)
def test_an_ambiguous_address_is_refused(host):
    address = f"rerun+http://{host}/proxy"
    assert not VIEWER.fullmatch(address)
    assert is_remote_viewer(address)
    with pytest.raises(BadRequest, match="The viewer is"):
        make_requests("a red chair", viewer=address)
