# SPDX-License-Identifier: GPL-3.0-or-later
"""Files from an untrusted source: plain names, limited sizes, regular files, and JSON."""

import errno
import os
import socket
import sys
from pathlib import Path

import pytest

from blender_text3d.protocol.create_job import copy_input
from blender_text3d.system.untrusted_files import (
    is_plain_name,
    parse_json,
    read_json,
    remove_special_files,
    require_regular_file,
)

DEVICE_NAMES = ["NUL", "CON", "con.txt", "AUX.npz", "PRN", "COM1", "com9.npz", "LPT1.txt", "LPT³", "CONIN$", "Con .npz"]
SHORTENED_NAMES = ["mesh.npz.", "mesh.npz ", "mesh.npz. .", " ", ".", "..", "mesh.\n."]
PLAIN_NAMES = ["mesh.npz", "input_image.png", "console.txt", "nullify", "com.npz", "COM10", "a b.png", "καρέκλα.glb"]


@pytest.mark.parametrize("name", DEVICE_NAMES)
def test_a_windows_device_name_is_not_a_plain_name(name):
    assert not is_plain_name(name)
    assert not is_plain_name(name.upper())


@pytest.mark.parametrize("name", SHORTENED_NAMES)
def test_a_name_that_windows_would_shorten_is_not_plain(name):
    assert not is_plain_name(name)


@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_a_name_similar_to_a_device_is_plain(name):
    assert is_plain_name(name)


@pytest.mark.parametrize("name", ["a/b", "a\\b", "C:", "a:b", "a\0b", "a\x1fb", "/etc", "\n"])
def test_a_name_with_a_separator_or_a_control_character_is_not_plain(name):
    assert not is_plain_name(name)


@pytest.mark.parametrize("value", [None, 5, b"mesh.npz", ["mesh.npz"], Path("mesh.npz"), ""])
def test_only_text_that_is_not_empty_is_a_plain_name(value):
    assert is_plain_name(value) is False


def test_a_plain_name_has_at_most_120_characters():
    assert is_plain_name("x" * 120)
    assert not is_plain_name("x" * 121)


@pytest.mark.parametrize("name", ["chair.png ", "chair.", "chair.p:g", "chair.\x01"])
def test_the_copy_of_an_oddly_named_image_has_a_plain_name(tmp_path, name):
    (tmp_path / name).write_bytes(b"image")
    own = copy_input(tmp_path / name, tmp_path, "input_image")
    assert is_plain_name(own)
    assert (tmp_path / own).read_bytes() == b"image"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_links_are_removed_at_every_depth_and_files_stay(tmp_path):
    target, job = tmp_path / "target.png", tmp_path / "job"
    (job / "views").mkdir(parents=True)
    for file in (target, job / "mesh.npz", job / "views" / "000.png"):
        file.write_bytes(b"content")
    links = [job / "mesh.glb", job / "views" / "001.png"]
    for link in links:
        link.symlink_to(target)
    remove_special_files(job)
    assert not any(link.is_symlink() for link in links)
    assert all(file.read_bytes() == b"content" for file in (target, job / "mesh.npz", job / "views" / "000.png"))


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and sockets of POSIX")
def test_pipes_and_sockets_are_removed_and_links_to_devices_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    Path("null").symlink_to("/dev/null")
    Path("dangling").symlink_to(tmp_path / "nowhere")
    Path("folder").mkdir()
    remove_special_files(tmp_path)
    assert sorted(os.listdir()) == ["folder", "null"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_a_link_that_cannot_be_removed_does_not_keep_the_others(tmp_path, monkeypatch):
    real_unlink = Path.unlink
    for name in ("a", "b", "c"):
        (tmp_path / name).symlink_to("target")

    def unlink(path):
        if path.name == "b":
            raise PermissionError(errno.EACCES, "held open")
        real_unlink(path)

    monkeypatch.setattr(Path, "unlink", unlink)
    remove_special_files(tmp_path)
    assert os.listdir(tmp_path) == ["b"]


def test_a_file_may_be_as_large_as_the_limit(tmp_path):
    (tmp_path / "mesh.npz").write_bytes(bytes(2000))
    require_regular_file(tmp_path / "mesh.npz", 2000)
    with pytest.raises(ValueError, match="^mesh.npz has 2,000 bytes, more than the limit of 1,999$"):
        require_regular_file(tmp_path / "mesh.npz", 1999)


@pytest.mark.parametrize("limit", [0, 10**9])
def test_a_folder_is_not_a_regular_file_whatever_its_size(tmp_path, limit):
    with pytest.raises(OSError, match="not a regular file") as refused:
        require_regular_file(tmp_path, limit)
    assert (refused.value.errno, refused.value.filename) == (errno.EINVAL, str(tmp_path))


def test_a_file_that_is_missing_raises(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "none.json", 100)


def test_json_is_read_as_utf_8_within_its_limit(tmp_path):
    path = tmp_path / "job.json"
    path.write_bytes('{"prompt": "καρέκλα", "seeds": [1, 2.5, null, true]}'.encode())
    assert read_json(path, path.stat().st_size) == {"prompt": "καρέκλα", "seeds": [1, 2.5, None, True]}
    with pytest.raises(ValueError, match="more than the limit"):
        read_json(path, path.stat().st_size - 1)
    path.write_bytes(b'"\xff"')
    with pytest.raises(ValueError, match="utf-8"):
        read_json(path, 100)


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe of POSIX")
def test_a_pipe_is_refused_and_not_read(tmp_path):
    os.mkfifo(tmp_path / "job.json")
    with pytest.raises(OSError, match="not a regular file"):
        read_json(tmp_path / "job.json", 100)


@pytest.mark.parametrize("text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "c": 2, "a": 3}}]'])
def test_a_repeated_key_is_refused_at_every_depth(text):
    with pytest.raises(ValueError, match="^it repeats a key$"):
        parse_json(text)


def test_the_same_key_in_two_objects_is_not_repeated():
    assert parse_json('[{"a": 1}, {"a": {"a": 2}}]') == [{"a": 1}, {"a": {"a": 2}}]


def test_json_that_is_nested_too_deep_or_no_json_is_a_value_error():
    with pytest.raises(ValueError, match="^it is nested too deep$"):
        parse_json("[" * 100_000)
    with pytest.raises(ValueError, match="Expecting"):
        parse_json("{")
