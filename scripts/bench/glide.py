#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare GLIDE's evaluations with the official package's at full size, and multiply them to complete runs.

    PYTHON scripts/bench/glide.py                 with glide_text2im (and regex) on PYTHON's path
    PYTHON scripts/bench/glide.py --rounds 3      more rounds; the least CPU time of each counts
    PYTHON scripts/bench/glide.py --compare       largest difference between both sides on the same weights, untimed

Each evaluation runs in its own process on one thread, both sides in turn, after a first one that is not timed. Weights
are random, of one kind on both sides; their values decide neither time nor memory.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import torch

from blender_text3d.engine.glide.configs import OFFICIAL
from blender_text3d.engine.glide.qualities import QUALITIES
from blender_text3d.engine.glide.respacing import spaced_timesteps
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.tokenizer import tokenize
from blender_text3d.engine.glide.unet import UNet
from blender_text3d.engine.malloc_tuning import keep_freed_memory
from blender_text3d.engine.weights.loading.assign import empty_network
from scripts.bench.official_runners import with_random_weights
from scripts.bench.official_stages import peak_mb

ROWS = {"base": 2, "upsample": 1}
OFFICIAL_COUNTS = {"base": 100, "upsample": 27}
TIMESTEPS = (999, 417, 3)
Evaluate = Callable[[], object]


def inputs(name: str) -> dict[str, torch.Tensor]:
    """Return the inputs of an evaluation: a prompt and, with guidance, no text."""
    size, rows = OFFICIAL[name].image_size, ROWS[name]
    texts = [tokenize(prompt) for prompt in ("a red chair", "")][:rows]
    values = {"x": torch.randn(rows, 3, size, size), "timesteps": torch.full((rows,), 500)}
    values |= {"tokens": torch.tensor([t.ids for t in texts]), "mask": torch.tensor([t.mask for t in texts])}
    return values | ({"low_res": torch.rand(1, 3, 64, 64)} if name == "upsample" else {})


def ours(name: str) -> Evaluate:
    """Prepare an evaluation by this engine, whose text was read before."""
    values = inputs(name)
    transformer = with_random_weights(empty_network(lambda: TextTransformer(OFFICIAL[name])))
    features = transformer(values["tokens"], values["mask"])
    del transformer
    unet = with_random_weights(empty_network(lambda: UNet(OFFICIAL[name])))
    condition = unet.condition(features)
    return lambda: unet(values["x"], values["timesteps"], condition, values.get("low_res"))


def official(name: str) -> Evaluate:
    """Prepare an evaluation by the official package, which reads the text every time."""
    network, values = official_network(name), inputs(name)
    return lambda: network(**values)


def official_network(name: str) -> torch.nn.Module:
    """Return the official package's network with random weights."""
    from glide_text2im import model_creation as creation

    upsamples = name == "upsample"
    defaults = creation.model_and_diffusion_defaults
    options = creation.model_and_diffusion_defaults_upsampler() if upsamples else defaults()
    options = {key: value for key, value in options.items() if key not in
               ("diffusion_steps", "noise_schedule", "timestep_respacing")}  # fmt: skip
    return with_random_weights(creation.create_model(**options | {"use_fp16": False}))


@torch.no_grad()
def compare(name: str) -> None:
    """Print the largest difference between both sides' outputs, with the official network's weights in both.

    Raises:
        RuntimeError: the tensors differ in names or shapes.
    """
    network, values = official_network(name), inputs(name)
    weights = network.state_dict()
    transformer = empty_network(lambda: TextTransformer(OFFICIAL[name]))
    unet = empty_network(lambda: UNet(OFFICIAL[name]))
    unknown = weights.keys() ^ (transformer.state_dict().keys() | unet.state_dict().keys())
    if unknown:
        raise RuntimeError(f"{name}: only one side has {sorted(unknown)[:3]} and others, {len(unknown)} in all.")
    for part in (transformer, unet):
        part.load_state_dict({key: weights[key] for key in part.state_dict()}, assign=True)
    condition = unet.condition(transformer(values["tokens"], values["mask"]))
    for timestep in TIMESTEPS:
        timesteps = torch.full_like(values["timesteps"], timestep)
        expected = network(**values | {"timesteps": timesteps})
        actual = unet(values["x"], timesteps, condition, values.get("low_res"))
        largest, difference = expected.abs().max().item(), (expected - actual).abs().max().item()
        print(f"{name:8} timestep {timestep}: difference {difference:.1e}, largest output {largest:.2f}", flush=True)


def measure(name: str, side: str) -> None:
    """Print the figures of one evaluation as JSON."""
    with torch.no_grad():
        evaluate = (ours if side == "ours" else official)(name)
        with keep_freed_memory():
            evaluate()
            start_s = time.process_time()
            evaluate()
            print(json.dumps({"cpu_s": time.process_time() - start_s, "peak_mb": peak_mb()}))


def in_process(name: str, side: str) -> dict[str, float]:
    """Return the figures of one evaluation in a process of its own."""
    command = [sys.executable, __file__, "--measure", name, side]
    done = subprocess.run(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.PIPE, text=True, check=True
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure and print single evaluations and complete runs."""
    parser = argparse.ArgumentParser(prog="glide.py", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2, help="rounds of alternating evaluations")
    parser.add_argument("--compare", action="store_true", help="compare outputs in place of times")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.compare:
        for name in ROWS:
            compare(name)
        return None
    if options.measure:
        return measure(*options.measure)
    rounds = [{(n, s): in_process(n, s) for n in ROWS for s in ("ours", "official")} for _ in range(options.rounds)]
    least = {key: {figure: min(r[key][figure] for r in rounds) for figure in rounds[0][key]} for key in rounds[0]}
    for (name, side), figures in least.items():
        print(f"{name:8} {side:8} {figures['cpu_s']:.2f} CPU s, peak {figures['peak_mb']:.0f} MB")
    theirs = sum(count * least[name, "official"]["cpu_s"] for name, count in OFFICIAL_COUNTS.items())
    for quality, samplings in QUALITIES.items():
        networks = {"base": samplings.base, "upsample": samplings.upsample}
        counts = {n: s.steps or len(spaced_timesteps(s.spacing)) for n, s in networks.items() if s}
        own = sum(count * least[name, "ours"]["cpu_s"] for name, count in counts.items())
        print(f"{quality:8} {counts} {own:.0f} CPU s; official {theirs:.0f}; {theirs / own:.2f}x")
    return None


if __name__ == "__main__":
    main()
