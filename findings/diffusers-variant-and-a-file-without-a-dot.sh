#!/usr/bin/env bash
# Version: diffusers 0.42.1, PyTorch 2.13.0
# Behavior: a pipeline whose weights were saved with variant="fp16" loads by that name, until one of its components has a
#   file without a dot in its name, such as the LICENSE that goes with the weights: then from_pretrained raises IndexError,
#   "list index out of range", and names neither file nor folder. Without a variant the same file is ignored.
# Output seen:
#   diffusers 0.42.1
#   saved without variant: loads, with a LICENSE: loads
#   saved with variant: loads, with a LICENSE: IndexError('list index out of range')
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq diffusers==0.42.1 torch==2.13.0 numpy==2.4.6 accelerate==1.15.0
HF_HUB_OFFLINE=1 "$temp/venv/bin/python" - "$temp" <<'PY' 2>/dev/null
import sys
from pathlib import Path

import diffusers
from diffusers import DDPMPipeline, DDPMScheduler, DiffusionPipeline, UNet2DModel

print("diffusers", diffusers.__version__)
unet = UNet2DModel(
    sample_size=8, block_out_channels=(8,), down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",),
    norm_num_groups=4, layers_per_block=1,
)
pipeline = DDPMPipeline(unet, DDPMScheduler())


def outcome(folder, variant):
    """Return what loading a folder does."""
    try:
        DiffusionPipeline.from_pretrained(folder, variant=variant)
    except Exception as error:
        return repr(error)
    return "loads"


seen = {}
for variant in (None, "fp16"):
    folder = Path(sys.argv[1]) / f"saved-{variant}"
    pipeline.save_pretrained(folder, variant=variant)
    before = outcome(folder, variant)
    (folder / "unet" / "LICENSE").write_text("The license of the weights.")
    seen[variant] = (before, outcome(folder, variant))
    print(f"saved {'with' if variant else 'without'} variant: {seen[variant][0]}, with a LICENSE: {seen[variant][1]}")
assert seen == {None: ("loads", "loads"), "fp16": ("loads", "IndexError('list index out of range')")}, seen
PY
