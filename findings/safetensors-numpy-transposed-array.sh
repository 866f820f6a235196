#!/usr/bin/env bash
# Version: safetensors 0.8.0 with numpy 2.4.6; 0.7.0 is right
# Behavior: since 0.8.0, save_file of safetensors.numpy takes an array's memory as it lies and writes it under the
#   array's shape. A transposed or Fortran-ordered array comes back in the right shape with its values in other places,
#   without a word. save_file of safetensors.torch raises ValueError for such a tensor.
# Output seen:
#   safetensors 0.7.0: saved [[0, 3], [1, 4], [2, 5]] loaded [[0, 3], [1, 4], [2, 5]]
#   safetensors 0.8.0: saved [[0, 3], [1, 4], [2, 5]] loaded [[0, 1], [2, 3], [4, 5]]
#   After np.ascontiguousarray both are right.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
cd "$temp"
cat >show.py <<'PY'
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load_file, save_file

rows = np.arange(6).reshape(2, 3)
columns = rows.T
fortran = np.asfortranarray(columns.copy())
save_file({"columns": columns, "fortran": fortran, "copy": np.ascontiguousarray(columns)}, "x.safetensors")
loaded = load_file("x.safetensors")
found = loaded["columns"].tolist()
print("safetensors", version("safetensors"), "numpy", np.__version__)
print("saved", columns.tolist(), "loaded", found, "after np.ascontiguousarray", loaded["copy"].tolist())
assert np.array_equal(loaded["copy"], columns), "the contiguous copy is wrong, too"
assert np.array_equal(loaded["fortran"], found), "transposed and Fortran-ordered arrays differ"
expected = columns if version("safetensors") == "0.7.0" else rows.reshape(3, 2)
assert np.array_equal(found, expected), "the transposed array came back in another way"
PY
python3 -m venv venv
for release in 0.7.0 0.8.0; do
    venv/bin/pip install -qq "safetensors==$release" numpy==2.4.6
    venv/bin/python show.py
done
echo "A transposed array is stored in the order of its memory since 0.8.0."
