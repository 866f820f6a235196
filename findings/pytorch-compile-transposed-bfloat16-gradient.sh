#!/usr/bin/env bash
# Version: PyTorch 2.13.0 on a CPU with AVX-512
# Behavior: x * scale + offset, rounded to bfloat16 and transposed for a batched product, as a layer norm does whose output is
#   a matrix of weights. Compiled, the gradients of scale and offset are NaN, around 1e32 or otherwise wrong if the
#   matrix has 64 rows and 64, 96 or 128 columns, where a sum over the transposed tensor is taken in vectors of 512
#   bits. The result is right, and nothing is raised. The gradients are right with vectors of 256 bits (torch._inductor.config.cpp.simdlen), with 48 columns, in
#   float32, and without torch.compile.
# Output seen (the first count varies):
#   bfloat16 compiled: 127 of 128 gradients are wrong
#   bfloat16 compiled, vectors of 256 bits: 0 of 128 gradients are wrong
#   bfloat16 compiled, 48 columns: 0 of 96 gradients are wrong
#   float32 compiled: 0 of 128 gradients are wrong
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
export TORCHINDUCTOR_CACHE_DIR="$temp/cache"
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq torch==2.13.0 numpy==2.4.6
cd "$temp"
"$temp/venv/bin/python" - <<'PY'
import torch
import torch._inductor.config as options

ROWS = 64


def product(scale, offset, x, inputs):
    """A batch of linear layers whose weights are x * scale + offset."""
    weights = (x * scale + offset).to(inputs.dtype)
    return torch.bmm(inputs, weights.transpose(1, 2)).float()


def gradients(function, dtype, columns):
    """The gradients of scale and offset, (2 * columns,)."""
    torch.manual_seed(0)
    scale, offset = (torch.randn(columns, requires_grad=True) for _ in range(2))
    x, inputs = torch.randn(2, ROWS, columns), torch.randn(2, 128, columns).to(dtype)
    return torch.cat(torch.autograd.grad(function(scale, offset, x, inputs).square().sum(), (scale, offset)))


def wrong(dtype, columns=64, **changes):
    """The number of gradients that compiling makes wrong, by a hundredth of the largest one or more."""
    torch._dynamo.reset()
    right = gradients(product, dtype, columns)
    with options.patch(changes):
        found = gradients(torch.compile(product), dtype, columns)
    assert right.isfinite().all()
    return int((~((found - right).abs() < 0.01 * right.abs().max())).sum())


print("PyTorch", torch.__version__, torch.backends.cpu.get_cpu_capability())
assert torch.backends.cpu.get_cpu_capability() == "AVX512", "this needs a processor with AVX-512"
print("The compiled gradient of what is transposed for a product in bfloat16:")
counts = wrong(torch.bfloat16), wrong(torch.bfloat16, **{"cpp.simdlen": 256}), wrong(torch.bfloat16, 48), wrong(torch.float32)
print(f"bfloat16 compiled: {counts[0]} of 128 gradients are wrong")
print(f"bfloat16 compiled, vectors of 256 bits: {counts[1]} of 128 gradients are wrong")
print(f"bfloat16 compiled, 48 columns: {counts[2]} of 96 gradients are wrong")
print(f"float32 compiled: {counts[3]} of 128 gradients are wrong")
assert counts[0] > 32, "the gradients are right"
assert counts[1:] == (0, 0, 0), "others are wrong, too"
PY
