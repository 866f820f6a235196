#!/usr/bin/env bash
# Version: rerun-sdk 0.41.0
# Behavior: float colors are multiplied by 255 and cut to a byte without a limit: a red of 1.003 becomes 0, one of 1.2
#   becomes 50, -0.1 becomes 230. So the smallest overshoot of a network turns its brightest points dark. float16 is not
#   taken for a float color at all: 1.0 becomes 1 of 255, which is black. Nothing is raised or warned of.
# Output seen (red as it is stored, a byte):
#   float64  0.5 -> 128, 1.0 -> 255, 1.003 -> 0, 1.2 -> 50, -0.1 -> 230
#   float32  0.5 -> 128, 1.0 -> 255, 1.003 -> 0, 1.2 -> 50, -0.1 -> 230
#   float16  0.5 -> 0, 1.0 -> 1
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq rerun-sdk==0.41.0 numpy==2.4.6
HOME=$temp "$temp/venv/bin/python" -W error - <<'PY'
import numpy as np
import rerun as rr


def reds(values, dtype):
    """What a point cloud of these reds is stored as, in bytes."""
    colors = np.ones((len(values), 3), dtype)
    colors[:, 0] = values
    stored = rr.Points3D(np.zeros((len(values), 3)), colors=colors).colors.as_arrow_array()
    return [packed.as_py() >> 24 for packed in stored]


print("rerun-sdk", rr.__version__)
print("Float colors outside 0 to 1 wrap around, float16 is black:")
values = [0.5, 1.0, 1.003, 1.2, -0.1]
for dtype in (np.float64, np.float32):
    got = reds(values, dtype)
    print(dtype.__name__, "", ", ".join(f"{value} -> {red}" for value, red in zip(values, got)))
    assert got == [128, 255, 0, 50, 230], "floats are converted in another way"
got = reds(values[:2], np.float16)
print("float16", "", ", ".join(f"{value} -> {red}" for value, red in zip(values, got)))
assert got == [0, 1], "float16 is converted in another way"
PY
