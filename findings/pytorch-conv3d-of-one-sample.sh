#!/usr/bin/env bash
# Version: PyTorch 2.13.0 on a CPU, float32, one thread
# Behavior: whether a convolution is computed by oneDNN depends on the number of samples. Two small samples are; a
#   single one, as of a model that answers one prompt, goes to the fallback "slow_conv3d", which copies the 27 neighbors
#   of every voxel into a matrix first. For 16 channels of 32^3 voxels the one sample took about seven times as long as
#   each of the two (time is printed, not checked). A call of torch.mkldnn_convolution takes oneDNN for one sample, too,
#   with the same result.
# Output seen:
#   1 sample: slow_conv3d_forward
#   2 samples: mkldnn_convolution
#   1 sample, asked for oneDNN: mkldnn_convolution, differs by 3e-06
#   (not checked) milliseconds a sample: 37 alone, 5.1 of two, 3.6 alone by oneDNN
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq torch==2.13.0 numpy==2.4.6
cd "$temp"
"$temp/venv/bin/python" - <<'PY' 2>/dev/null
import time

import torch
from torch.profiler import ProfilerActivity, profile

torch.set_num_threads(1)
torch.manual_seed(0)
KERNELS = ("slow_conv3d_forward", "mkldnn_convolution")
layer = torch.nn.Conv3d(16, 16, 3, padding=1).requires_grad_(False)
one, two = torch.randn(1, 16, 32, 32, 32), torch.randn(2, 16, 32, 32, 32)


def by_onednn(x):
    return torch.mkldnn_convolution(x, layer.weight, layer.bias, [1] * 3, [1] * 3, [1] * 3, 1)


def kernels(function, x):
    """The kernels that a call runs."""
    with profile(activities=[ProfilerActivity.CPU]) as run:
        function(x)
    names = {event.key.removeprefix("aten::") for event in run.key_averages()}
    return [name for name in KERNELS if name in names]


def milliseconds(function, x):
    """The least processor time of ten calls."""
    times = []
    for _ in range(10):
        begun = time.process_time()
        function(x)
        times.append(1e3 * (time.process_time() - begun))
    return min(times)


print("PyTorch", torch.__version__)
alone, together, asked = kernels(layer, one), kernels(layer, two), kernels(by_onednn, one)
difference = (layer(one) - by_onednn(one)).abs().max().item()
print("1 sample:", *alone)
print("2 samples:", *together)
print(f"1 sample, asked for oneDNN: {' '.join(asked)}, differs by {difference:.0e}")
each = milliseconds(layer, one), milliseconds(layer, two) / 2, milliseconds(by_onednn, one)
print("(not checked) milliseconds a sample: {:.0f} alone, {:.1f} of two, {:.1f} alone by oneDNN".format(*each))
assert alone == ["slow_conv3d_forward"], "one sample no longer takes the fallback"
assert together == asked == ["mkldnn_convolution"], "several samples no longer take oneDNN"
assert difference < 1e-4
PY
