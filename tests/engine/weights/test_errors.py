# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of errors: printable, of limited length, with the names of what is missing."""

import pytest

from blender_text3d.engine.weights.errors import BrokenWeights, DownloadFailed, MissingWeights, NoSource, printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [("net.pt\nis", "net.pt\nis"), ("\x1b[2J\t\0", "\ufffd[2J\ufffd\ufffd"), ("καρέκλα é", "καρέκλα é"), ("", "")],
)
def test_what_cannot_be_printed_is_replaced_except_new_lines(text, expected):
    assert printable(text) == expected
    assert str(BrokenWeights(text)) == expected


def test_a_long_text_is_cut_at_700_characters():
    assert printable("x" * 700) == "x" * 700
    assert printable("x" * 701) == "x" * 699 + "…"


def test_missing_weights_are_named():
    error = MissingWeights(("a", "b"), "Weights are missing.")
    assert (error.names, str(error)) == (("a", "b"), "Weights are missing.")


def test_no_source_is_a_failed_download_and_not_a_broken_file():
    assert issubclass(NoSource, DownloadFailed)
    assert not issubclass(NoSource, BrokenWeights)
