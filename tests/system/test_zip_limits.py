# SPDX-License-Identifier: GPL-3.0-or-later
"""The size of a zip's central directory, from its end record, in both formats."""

import io
import struct
import zipfile

import pytest

from blender_text3d.system.zip_limits import check_directory

END = struct.Struct("<4sHHHHLLH")
END_64 = struct.Struct("<4sQHHLLQQQQ")
LOCATOR = struct.Struct("<4sLQL")


def end_record(directory_bytes: int = 0, magic: bytes = b"PK\x05\x06", comment_bytes: int = 0) -> bytes:
    return END.pack(magic, 0, 0, 0, 0, directory_bytes, 0, comment_bytes)


def zip64(
    directory_bytes: int, before: bytes = b"", offset: int | None = None, magic: bytes = b"PK\x06\x06"
) -> io.BytesIO:
    """A zip64 file without entries; the older end record says that the sizes are elsewhere."""
    record = END_64.pack(magic, 44, 45, 45, 0, 0, 0, 0, directory_bytes, 0)
    locator = LOCATOR.pack(b"PK\x06\x07", 0, len(before) if offset is None else offset, 1)
    return io.BytesIO(before + record + locator + end_record(0xFFFFFFFF))


@pytest.fixture
def archive() -> io.BytesIO:
    """A zip of three entries with names of one letter: a directory of 3 times 47 bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in "abc":
            archive.writestr(name, b"content" * 100)
    return file


def test_a_directory_may_be_as_large_as_the_limit(archive):
    check_directory(archive, 141)
    with pytest.raises(ValueError, match="^its central directory has 141 bytes, more than the limit of 140$"):
        check_directory(archive, 140)


def test_the_file_is_left_at_its_start(archive):
    check_directory(archive, 1000)
    assert archive.tell() == 0
    assert zipfile.ZipFile(archive).namelist() == ["a", "b", "c"]


def test_an_empty_zip_is_as_short_as_a_zip_can_be():
    check_directory(io.BytesIO(end_record()), 0)
    with pytest.raises(ValueError, match="too short for a zip file"):
        check_directory(io.BytesIO(end_record()[1:]), 0)


@pytest.mark.parametrize("end", [end_record(magic=b"PK\x05\x07"), end_record(comment_bytes=1)])
def test_a_file_that_does_not_end_with_an_end_record_is_refused(end):
    with pytest.raises(ValueError, match="it has no zip end record"):
        check_directory(io.BytesIO(bytes(200) + end), 1000)


@pytest.mark.parametrize("before", [b"", bytes(300)])
def test_the_directory_of_a_zip64_file_is_that_of_its_own_record(before):
    check_directory(zip64(2**33, before), 2**33)
    with pytest.raises(ValueError, match="has 8,589,934,593 bytes, more than the limit of 8,589,934,592"):
        check_directory(zip64(2**33 + 1, before), 2**33)


@pytest.mark.parametrize("changes", [{"offset": 301}, {"offset": 0}, {"magic": b"PK\x06\x05"}])
def test_a_zip64_record_must_be_where_its_locator_says(changes):
    with pytest.raises(ValueError, match="it has no zip64 end record"):
        check_directory(zip64(0, bytes(300), **changes), 1000)


def test_a_locator_without_room_for_its_record_is_refused():
    file = zip64(0).getvalue()
    with pytest.raises(ValueError, match="too short for a zip64 file"):
        check_directory(io.BytesIO(file[1:]), 1000)
