#!/usr/bin/env bash
# Version: PyTorch 2.13.0 on a CPU
# Behavior: with torch.compile, the gradient of amax (and amin) over a computed bfloat16 or float16 tensor is NaN. The
#   backward pass computes the tensor again without rounding it, and no value equals the rounded maximum then: it
#   divides the gradient among none. The result itself is right, and nothing is raised. Without torch.compile, in
#   float32, and for max(dim).values the gradient is finite.
# Output seen:
#   bfloat16 compiled, amax: 256 of 256 gradients are NaN
#   bfloat16 uncompiled, amax: 0 of 256 gradients are NaN
#   bfloat16 compiled, max(1).values: 0 of 256 gradients are NaN
#   float32 compiled, amax: 0 of 256 gradients are NaN
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
export TORCHINDUCTOR_CACHE_DIR="$temp/cache"
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq torch==2.13.0 numpy==2.4.6
cd "$temp"
"$temp/venv/bin/python" - <<'PY'
import torch
from torch.nn import functional as F

POINTS = torch.linspace(-2, 2, 256).reshape(1, 32, 8)


def amax(x):
    """The largest activation of each channel (1, C) of x (1, N, C), as a PointNet pools its points."""
    return F.gelu(x).amax(1)


def max_values(x):
    """The same by another function."""
    return F.gelu(x).max(1).values


def evaluated(function, dtype):
    """The result of a function, and the number of its gradients that are NaN."""
    x = POINTS.to(dtype).requires_grad_()
    result = function(x)
    (gradient,) = torch.autograd.grad(result.sum(), x)
    return result, int(gradient.isnan().sum())


print("PyTorch", torch.__version__)
print("The compiled gradient of amax is NaN in half precision:")
right, uncompiled = evaluated(amax, torch.bfloat16)
same, compiled = evaluated(torch.compile(amax), torch.bfloat16)
_, other = evaluated(torch.compile(max_values), torch.bfloat16)
_, single = evaluated(torch.compile(amax), torch.float32)
print(f"bfloat16 compiled, amax: {compiled} of 256 gradients are NaN")
print(f"bfloat16 uncompiled, amax: {uncompiled} of 256 gradients are NaN")
print(f"bfloat16 compiled, max(1).values: {other} of 256 gradients are NaN")
print(f"float32 compiled, amax: {single} of 256 gradients are NaN")
assert torch.allclose(same.float(), right.float(), rtol=1e-2), "the result is wrong, too"
assert compiled > 128, "the compiled gradient of amax is finite"
assert uncompiled == other == single == 0, "other gradients are NaN, too"
PY
