# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of readers in docs/file-readers.md: how it judges, and that it is still true where it is cheap to check."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.exports.formats import MESH_FORMATS
from blender_text3d.protocol.exported_files import EXPORT_FORMATS
from scripts.file_readers.sample import SIZE_M, TOP_SRGB, write_samples
from scripts.file_readers.verdict import SAME, expected_sides, verdict

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs/file-readers.md"
READER = REPOSITORY / "scripts/file_readers/read_with_python.py"
TOP = [level / 255 for level in TOP_SRGB]

# Says what PrusaSlicer says of a file, by the words of its name.
SLICER = """#!/bin/sh
for last; do :; done
case "$last" in *open*) closed=no;; *) closed=yes;; esac
case "$last" in *nothing*) layers=1;; *) layers=200;; esac
case "$1" in
--info) for axis in x y z; do echo "size_$axis = 1"; echo "min_$axis = 0"; done
    printf "max_x = 1\nmax_y = 2\nmax_z = 3\nmanifold = $closed\n";;
*) for layer in $(seq $layers); do echo ";LAYER_CHANGE"; done > "$3";;
esac
"""


def page_cells() -> dict[str, dict[str, str]]:
    """Return the cells of the page by file and reader."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return {row[0]: dict(zip(rows[0][1:], row[1:], strict=True)) for row in rows[2:]}


def seen(name: str, **changes) -> dict:
    """Return what a faithful reader with Z up sees of a file, with changes."""
    x, y, z = expected_sides(name, 2)
    return {"low": [0, 0, 0], "high": [x, y, z], "up": 2, "color": TOP, "space": "srgb"} | changes


def test_a_faithful_reader_is_the_same():
    for name in (".glb", ".ply of points", ".3mf, --print-height 60", ".stl, --print-height 60"):
        assert verdict(name, seen(name)) == SAME
    assert verdict(".stl", seen(".stl", color=None)) == SAME
    y_up = seen(".glb", up=1, high=[0.75 * SIZE_M, SIZE_M, 0.5 * SIZE_M])
    assert verdict(".glb", y_up) == SAME


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"high": [1.5, 0.75, 1.125]}, "size"),  # lying
        ({"high": [0.75, 1.125, 1.5]}, "size"),  # not rotated
        ({"high": [1125, 750, 1500]}, "size"),
        ({"low": [0, 0, -0.75], "high": [1.125, 0.75, 0.75]}, "foot at -0.75"),
        ({"color": None}, "no colors"),
        ({"space": "linear"}, "color"),
        ({"color": TOP[::-1]}, "color 30/120/240"),
        ({"error": "ValueError"}, "not read"),
        ({"low": [float("nan")] * 3}, "no numbers"),
    ],
)
def test_a_difference_is_named(changes, words):
    assert words in verdict(".glb", seen(".glb", **changes))


@pytest.mark.parametrize("place", [(-0.1, -0.1), (0.1, -0.1), (-0.1, 0.1)])
def test_a_turned_and_a_mirrored_object_are_named(place):
    x, y, z = expected_sides(".glb", 2)
    top = [x / 2 + place[0] * z, y / 2 + place[1] * z, z]
    assert verdict(".glb", seen(".glb", top=top)) == "turned or mirrored"
    y_up = seen(".glb", up=1, high=[x, z, y], top=[x / 2 + 0.1 * z, z, y / 2 - 0.1 * z])
    assert verdict(".glb", y_up) == SAME


def test_colors_of_3mf_may_be_off_by_half_of_the_step_that_they_are_rounded_to():
    rounded, other = ([level / 255 for level in levels] for levels in ((239, 123, 33), (235, 123, 33)))
    assert verdict(".3mf", seen(".3mf", color=rounded)) == SAME
    assert verdict(".ply", seen(".ply", color=rounded)) == "color 239/123/33"
    assert verdict(".3mf", seen(".3mf", color=other)) == "color 235/123/33"


@pytest.mark.parametrize("error", ["not manifold", "not sliced"])
def test_why_a_slicer_fails_is_named_and_its_missing_colors_are_no_fault(error):
    assert verdict(".3mf", {"error": error}) == error
    assert verdict(".3mf", seen(".3mf", color=None, is_colorless=True)) == SAME


def test_the_slicer_is_asked_for_a_closed_surface_of_layers(tmp_path):
    program = tmp_path / "slicer"
    program.write_text(SLICER)
    program.chmod(0o755)
    names = ["mesh.stl", "print.stl", "print open.stl", "print nothing.3mf", "print.3mf"]
    command = [sys.executable, REPOSITORY / "scripts/file_readers/read_with_slicer.py", program, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    results = json.loads(done.stdout.split("RESULTS ")[1])
    assert [result.get("error") for result in results] == [None, None, "not manifold", "not sliced", None]
    assert [result["high"] for result in results if "high" in result] == [[1, 2, 3], [1, 2, 3], [0.001, 0.002, 0.003]]


def test_the_issues_of_the_validator_are_counted():
    none = {"issues": {"errors": 0, "warnings": 0, "infos": 0, "hints": 0}}
    assert verdict(".glb", none).startswith("no errors")
    assert verdict(".glb", {"issues": none["issues"] | {"hints": 4}}) == "4 hints"


def test_every_format_is_on_the_page_and_read_the_same_by_somebody():
    cells = page_cells()
    clouds = [f".{name} of points" for name in EXPORT_FORMATS if name not in MESH_FORMATS]
    for name in [*(f".{name}" for name in EXPORT_FORMATS), *clouds]:
        assert SAME in cells[name].values()
    assert cells[".3mf"]["trimesh"] == "no colors"


def test_every_preset_is_on_the_page_and_the_same_where_it_is_for():
    cells = page_cells()
    for reader, name in (
        ("three.js", ".glb, Game"), ("open3d", ".glb, Web"), ("three.js", ".glb, Web with Quantize"),
        ("Babylon.js", ".glb, Game"), ("Babylon.js", ".glb, Web"), ("Babylon.js", ".glb, Web with Quantize"),
        ("PrusaSlicer", ".3mf, Print 60 mm"), ("PrusaSlicer", ".stl, Print 60 mm"), ("usd-core", ".usdz, USD"),
        ("trimesh", ".obj, OBJ"), ("open3d", ".fbx, FBX"), ("open3d", ".ply of points, Points"),
        ("three.js", ".glb of points, Points"), ("usd-core", ".usd of points, Points"),
    ):  # fmt: skip
        assert cells[name][reader] == SAME
    for name in (".glb, Game", ".glb, Web", ".usdz, USD", ".obj, OBJ", ".fbx, FBX"):
        assert cells[name]["Blender 4.2"] == cells[name]["Blender 5.2"] == SAME
    assert {cells[name]["PrusaSlicer"] for name in cells if "print" in name.lower()} == {SAME}
    assert {cells[name]["validator"] for name in cells if name.startswith(".glb")} == {
        "no errors, warnings, infos or hints"
    }


def test_the_page_is_true_of_the_trimesh_of_the_worker(tmp_path):
    samples = {name: path for name, path in write_samples(tmp_path).items() if path.suffix not in {".usd", ".3mf"}}
    command = [sys.executable, READER, "trimesh", *samples.values()]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    results = json.loads(done.stdout.split("RESULTS ")[1])
    cells = page_cells()
    for name, result in zip(samples, results, strict=True):
        assert (name, verdict(name, result)) == (name, cells[name]["trimesh"])
