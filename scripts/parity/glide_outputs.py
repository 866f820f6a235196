# SPDX-License-Identifier: GPL-3.0-or-later
"""The outputs of GLIDE's cases that are no runs: tokens, one evaluation, guidance, schedules, one step of a sampler."""

from collections.abc import Callable

import torch
from torch import Tensor

from blender_text3d.engine.diffusion.schedule import BETAS
from blender_text3d.engine.glide.respacing import SCHEDULES, TIMESTEPS, RespacedSchedule
from blender_text3d.engine.glide.steps import ddim_step, ddpm_step, guided, posterior
from blender_text3d.engine.glide.tokenizer import prompt_ids, tokenize
from scripts.parity.case import Case, InvalidCase
from scripts.parity.glide_networks import networks_of

Outputs = dict[str, Tensor]


def network_outputs(case: Case) -> Outputs:
    """Evaluate a network once."""
    networks = networks_of(case.config_reader, case.seed)
    inputs = {name: case.inputs[name] for name in ("x", "t", "tokens", "mask")}
    low_res = case.inputs.get("low_res")
    if networks.config.super_res == (low_res is None):
        raise InvalidCase(f"The case '{case.name}' has low_res without super_res, or the reverse.")
    features = networks.features(inputs["tokens"], inputs["mask"])
    y = networks.unet(inputs["x"], inputs["t"], networks.unet.condition(features), low_res)
    return {"xf_proj": features.xf_proj, "xf_out": features.xf_out, "y": y}


def tokenizer_outputs(case: Case) -> Outputs:
    """Tokenize the prompts of a configuration."""
    keys = case.config_reader
    keys.require("name")
    prompts, lengths = keys.require("prompts"), {"": keys.require("text_ctx"), "_short": keys.take("short_ctx", 8)}
    keys.finish()
    ids = [prompt_ids(prompt) for prompt in prompts]
    outputs = {"ids": torch.tensor([i for row in ids for i in row]), "lengths": torch.tensor([len(row) for row in ids])}
    for suffix, length in lengths.items():
        tokens = [tokenize(prompt, length) for prompt in prompts]
        outputs["tokens" + suffix] = torch.tensor([row.ids for row in tokens])
        outputs["mask" + suffix] = torch.tensor([row.mask for row in tokens])
    return outputs


def guidance_outputs(case: Case) -> Outputs:
    """Guide the noise of a recorded output."""
    keys = case.config_reader
    keys.require("name")
    scale = keys.require("guidance_scale")
    keys.finish()
    return {"y": guided(case.inputs["model_out"], scale)}


def schedule_outputs(case: Case) -> Outputs:
    """Return the recorded arrays of schedules, which are named "SCHEDULE_betas" or "SCHEDULE/SPACING/ARRAY"."""
    keys = case.config_reader
    keys.require("name")
    timesteps = keys.take("diffusion_steps", TIMESTEPS)
    keys.finish()
    outputs = {}
    for key in case.expected:
        name, _, rest = key.partition("/")
        if not rest:
            outputs[key] = torch.from_numpy(BETAS[schedule_name(name.removesuffix("_betas"), case)](timesteps))
            continue
        spacing, _, array = rest.rpartition("/")
        schedule_name(name, case)
        values = getattr(RespacedSchedule(name, spacing, timesteps), array)
        outputs[key] = torch.as_tensor(values)
    return outputs


def schedule_name(name: str, case: Case) -> str:
    """Return the engine's name of a schedule.

    Raises:
        InvalidCase: it is unknown.
    """
    if name not in SCHEDULES:
        raise InvalidCase(f"The case '{case.name}' has an unknown schedule: {name}.")
    return SCHEDULES[name]


def step_outputs(case: Case) -> Outputs:
    """Take one step of each sampler, each row at its own index."""
    keys = case.config_reader
    keys.require("name")
    name = keys.require("noise_schedule")
    schedule_name(name, case)
    schedule = RespacedSchedule(name, keys.require("timestep_respacing"), keys.take("diffusion_steps", TIMESTEPS))
    clamp = keys.take("clip_denoised", True)
    keys.finish()
    rows = [row_step(case, schedule, row, clamp) for row in range(len(case.inputs["x"]))]
    outputs = {key: torch.cat([row[key] for row in rows]) for key in rows[0]}
    if "sample_eta1" in case.expected:
        return outputs | {"sample": outputs.pop("ddim"), "sample_eta1": outputs.pop("ddim_eta1")}
    return outputs | {"sample": outputs.pop("ddpm")}


def row_step(case: Case, schedule: RespacedSchedule, row: int, clamp: bool) -> Outputs:
    """Take one step of each sampler with one row of a case."""
    output, x, noise = (case.inputs[name][row : row + 1] for name in ("model_out", "x", "noise"))
    index = int(case.inputs["index"][row])
    distribution = posterior(output, x, schedule, index, clamp)
    start = distribution.pred_xstart
    return {
        "model_timesteps": torch.tensor([schedule.timesteps[index]]),
        "pred_xstart": start,
        "mean": distribution.mean,
        "log_variance": distribution.log_variance,
        "ddpm": ddpm_step(distribution, noise, index),
        "ddim": ddim_step(start, x, schedule, index, noise),
        "ddim_eta1": ddim_step(start, x, schedule, index, noise, eta=1.0),
    }


OUTPUTS: dict[str, Callable[[Case], Outputs]] = {
    "glide": network_outputs,
    "glide_tokenizer": tokenizer_outputs,
    "glide_guidance": guidance_outputs,
    "glide_schedules": schedule_outputs,
    "glide_step": step_outputs,
}
