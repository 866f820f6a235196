#!/usr/bin/env bash
# Version: numpy 2.4.6 (also seen in 1.26.4)
# Behavior: np.bincount with float weights returns floats, except without items: then it returns integers, whatever the
#   weights are. Sums per vertex over the faces of a mesh, such as normals, are of another type for a mesh whose faces
#   were all filtered away, and adding to them in place raises.
# Output seen:
#   two faces: float64
#   no faces: int64
#   += 0.5: UFuncTypeError
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq numpy==2.4.6
"$temp/venv/bin/python" - <<'PY'
import numpy as np


def area_at_vertices(faces, areas, vertex_count):
    """The sum of the areas of the faces at each vertex."""
    return np.bincount(faces.ravel(), np.repeat(areas, 3), vertex_count)


faces, areas = np.array([[0, 1, 2], [0, 2, 3]]), np.array([0.5, 0.25])
some, none = area_at_vertices(faces, areas, 4), area_at_vertices(faces[:0], areas[:0], 4)
try:
    none += 0.5
    outcome = "works"
except TypeError as error:
    outcome = type(error).__name__.lstrip("_")
print("numpy", np.__version__)
print("Weighted sums are integers if there is nothing to sum:")
print("two faces:", some.dtype)
print("no faces:", none.dtype)
print("+= 0.5:", outcome)
assert some.dtype == np.float64 and some.tolist() == [0.75, 0.5, 0.75, 0.25], "the sums are wrong, too"
assert none.dtype.kind == "i" and none.tolist() == [0] * 4, "the sums without items are floats"
assert outcome != "works", "a float can be added in place"
PY
