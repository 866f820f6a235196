# SPDX-License-Identifier: GPL-3.0-or-later
"""wedge.py writes a list of prompts, of which a batch makes the same requests."""

import pytest

from blender_text3d.prompts.color_words import reword
from blender_text3d.protocol.wedge import read_axis, wedge_requests
from scripts import wedge
from scripts.batch_generate import options_from, orders_from

PROMPT = 'a red "chair", with white legs'
AXES = [
    (("color", "red, blue"), ("seed", "1-3")),
    (("steps", "4, 5, 16"), ("guidance", "1, 2.5")),
    (("strength", "0..0.3 step 0.1"), ("size", "0.5, 1.25")),
    (("part_color", "green, pink"), ("prompt", "a red chair with legs, a mug with a handle")),
]


def written(tmp_path, rows, columns, *flags):
    path = tmp_path / "wedge.csv"
    arguments = ["--rows", ": ".join(rows), "--columns", ": ".join(columns), "--out", str(path), *flags]
    assert wedge.main([PROMPT, *arguments]) == 0
    return path


@pytest.mark.parametrize(("rows", "columns"), AXES)
def test_a_batch_reads_the_requests_of_the_wedge(tmp_path, capsys, rows, columns):
    path = written(tmp_path, rows, columns, "--seed", "7", "--quality", "draft", "--rotation", "90")
    expected = wedge_requests(
        PROMPT, read_axis(*rows), read_axis(*columns), reword, seed=7, quality="draft", rotation_deg=90
    )
    orders, refused = orders_from(options_from(["--prompts-file", str(path), "--out", str(tmp_path)]))
    assert not refused
    assert [order.request for order in orders] == expected
    assert "columns that are not settings" not in capsys.readouterr().err


def test_the_outcome_and_errors_are_one_sentence(tmp_path, capsys):
    written(tmp_path, *AXES[0])
    assert capsys.readouterr().out == f"{tmp_path / 'wedge.csv'}: 6 objects, 2 rows and 3 columns\n"
    arguments = ["--rows", "seed: 1-1000", "--columns", "steps: 1-100", "--out", str(tmp_path / "big.csv")]
    assert wedge.main(["a mug", *arguments]) == 2
    assert capsys.readouterr().err == "A wedge of 100,000 objects is too large. Choose at most 10,000 in all.\n"
    assert not (tmp_path / "big.csv").exists()


def test_a_list_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "wedge.csv"
    assert wedge.main(["a mug", "--rows", "seed: 1", "--columns", "size: 1", "--out", str(out)]) == 1
    assert capsys.readouterr().err.startswith(f"{out} cannot be written (")
