# SPDX-License-Identifier: GPL-3.0-or-later
"""Record diffusers.npz, the outputs of diffusers' Shap-E pipeline for a small random prior.

    pip install torch==2.13.0 diffusers==0.42.1 transformers==5.23.0 accelerate
    python -m tests.parity.record_diffusers

The text tower is replaced by a stored vector; everything after it is the library's pipeline and scheduler. The prior's
weights are those of tests/engine/weights/layouts.json, "text_prior".
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from diffusers import HeunDiscreteScheduler, PriorTransformer, ShapEPipeline

from tests.engine.weights import layout_cases as cases

HERE = Path(__file__).parent
RUNS = {"unguided": (1.0, 8), "guided": (4.0, 12)}
"""Guidance and steps."""


class AnsweredPipeline(ShapEPipeline):
    """A pipeline whose prompts are given as unit vectors."""

    def _encode_prompt(self, prompt, device, num_images_per_prompt, do_classifier_free_guidance):
        halves = [torch.zeros_like(self.vectors), self.vectors] if do_classifier_free_guidance else [self.vectors]
        return math.sqrt(self.vectors.shape[1]) * torch.cat(halves)


def small_prior():
    network = PriorTransformer(
        num_attention_heads=cases.HEADS, attention_head_dim=32 // cases.HEADS, num_layers=2, embedding_dim=24,
        num_embeddings=16, additional_embeddings=0, time_embed_act_fn="gelu", norm_in_type="layer",
        encoder_hid_proj_type=None, added_emb_type=None, time_embed_dim=128, embedding_proj_dim=cases.TEXT_CHANNELS,
        clip_embed_dim=48,
    )  # fmt: skip
    shapes = json.loads((HERE.parent / "engine/weights/layouts.json").read_text())["text_prior"]
    network.load_state_dict(network.state_dict() | cases.filled(shapes))
    return network.eval()


def shap_e_scheduler():
    """Return the scheduler as configured by the hub's openai/shap-e."""
    return HeunDiscreteScheduler(
        beta_schedule="exp", num_train_timesteps=1024, prediction_type="sample", use_karras_sigmas=True,
        clip_sample=True, clip_sample_range=1.0,
    )  # fmt: skip


def main():
    random = torch.Generator().manual_seed(5)
    vectors = torch.randn(2, cases.TEXT_CHANNELS, generator=random)
    vectors = vectors / vectors.norm(dim=1, keepdim=True)
    noise = torch.randn(2, cases.PRIOR["d_latent"], generator=random)
    arrays = {"vectors": vectors, "noise": noise}
    for name, (guidance, steps) in RUNS.items():
        pipeline = AnsweredPipeline(small_prior(), None, None, shap_e_scheduler(), None)
        pipeline.vectors = vectors
        with torch.no_grad():
            output = pipeline(
                ["", ""], num_inference_steps=steps, latents=noise, guidance_scale=guidance, output_type="latent"
            )
        scheduler = pipeline.scheduler
        arrays[f"{name}/sigmas"] = torch.cat([scheduler.sigmas[:1], scheduler.sigmas[1:-1:2], scheduler.sigmas[-1:]])
        arrays[f"{name}/timesteps"] = torch.cat([scheduler.timesteps[:1], scheduler.timesteps[1::2]])
        arrays[f"{name}/start_scale"] = torch.as_tensor(scheduler.init_noise_sigma)
        arrays[f"{name}/latents"] = output.images.flatten(1)
    np.savez_compressed(HERE / "diffusers.npz", **{name: value.numpy() for name, value in arrays.items()})


if __name__ == "__main__":
    main()
