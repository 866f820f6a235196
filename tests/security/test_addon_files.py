# SPDX-License-Identifier: GPL-3.0-or-later
"""What the panel looks at by itself: only small pictures, only on this machine."""

import io

import pytest
from PIL import Image

from blender_text3d.addon.settings.remote_paths import is_remote_path, is_remote_viewer
from blender_text3d.addon.state.image_size import START_BYTES, pixel_count
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.protocol.request import VIEWER, make_requests
from tests.security.test_images import BOMBS, NO_PICTURES

LARGE = ["50,000 x 50,000 in few bytes", "2**31 - 1 x 2**31 - 1", "one row without end", "a jpeg of 65,535 x 65,535",
         "a webp of 16,383 x 16,383"]  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_bomb_is_known_by_its_first_bytes(tmp_path, name):
    (tmp_path / "a").write_bytes(BOMBS[name])
    assert pixel_count(tmp_path / "a") > 64_000_000


@pytest.mark.parametrize("name", [*NO_PICTURES, "nothing"])
def test_what_is_no_picture_of_ours_has_no_pixels(tmp_path, name):
    (tmp_path / "a").write_bytes(NO_PICTURES.get(name, b""))
    assert pixel_count(tmp_path / "a") == 0


@pytest.mark.parametrize("options", [{"format": "PNG"}, {"format": "JPEG"}, {"format": "JPEG", "progressive": True},
                                     {"format": "WEBP"}, {"format": "WEBP", "lossless": True}], ids=str)  # fmt: skip
@pytest.mark.parametrize("size", [(64, 48), (1000, 300)])
def test_an_honest_pictures_pixels_are_counted(tmp_path, size, options):
    Image.new("RGB", size).save(tmp_path / "a", **options)
    assert pixel_count(tmp_path / "a") == size[0] * size[1]


def test_an_animated_webps_canvas_is_counted(tmp_path):
    Image.new("RGBA", (70, 50)).save(tmp_path / "a.webp", save_all=True, append_images=[Image.new("RGBA", (70, 50))])
    assert pixel_count(tmp_path / "a.webp") == 3500


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_anywhere_is_counted_or_not_and_nothing_else(tmp_path, name):
    whole = io.BytesIO()
    Image.new("RGB", (64, 48)).save(whole, name)
    for length in range(64):
        (tmp_path / "a").write_bytes(whole.getvalue()[:length])
        assert pixel_count(tmp_path / "a") in (0, 64 * 48)
    assert START_BYTES < 2**20


NAMING_A_MACHINE = [
    "\\\\host\\share\\a.png", "//host/share/a.png", "\\/host/a", "/\\host\\a", "\\??\\UNC\\host\\a", "/??/UNC/host/a",
    "\\\\?\\UNC\\host\\a", "\\\\.\\pipe\\a",
]  # fmt: skip


@pytest.mark.parametrize("path", NAMING_A_MACHINE)
def test_a_path_of_another_machine_is_known(path):
    assert is_remote_path(path)


@pytest.mark.parametrize("path", ["/home/me/a.png", "C:\\Users\\me\\a.png", "a.png", "", 5, None, []])
def test_a_path_of_this_machine_is_none_of_another(path):
    assert not is_remote_path(path)


@pytest.mark.parametrize(
    "host",
    ["example.org", "10.0.0.1", "127.0.0.1.example.org", "me@example.org", "0.0.0.0", "[::1", "", "[::ffff:9.9.9.9]"],
)
def test_a_viewer_of_another_machine_is_known(host):
    assert is_remote_viewer(f"rerun+http://{host}:9876/proxy")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_a_viewer_of_this_machine_is_none_of_another(host):
    assert not is_remote_viewer(f"rerun+http://{host}:9876/proxy")


READ_DIFFERENTLY = [
    "127.0.0.2:1\\@127.0.0.1:2/..", "127.0.0.1@example.org", "example.org#@127.0.0.1", "example.org?@127.0.0.1",
    "127.0.0.1%2eexample.org", "127.0.0.1:1/../x", "127.0.0.1\t.example.org", "127.0.0.1:\u0661", "\u217cocalhost",
]  # fmt: skip


@pytest.mark.parametrize("host", READ_DIFFERENTLY)
def test_an_address_that_two_readers_could_take_for_two_machines_is_none(host):
    address = f"rerun+http://{host}/proxy"
    assert not VIEWER.fullmatch(address) and is_remote_viewer(address)
    with pytest.raises(BadRequest, match="The viewer is"):
        make_requests("a red chair", viewer=address)
