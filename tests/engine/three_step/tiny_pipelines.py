# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny diffusers pipelines with random weights and tokenizers of single letters, made without the network."""

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5TokenizerFast,
)

LETTERS = [chr(code) for code in range(33, 127)]
WIDTH = 16
UNET_SIDE, FLUX_SIDE = 16, 16


def save_unet_pipeline(folder: Path, **changes) -> Path:
    """Save a Stable Diffusion of 65,000 parameters, which makes pictures of 16 x 16."""
    torch.manual_seed(0)
    parts = {
        "vae": vae(("DownEncoderBlock2D",) * 2, ("UpDecoderBlock2D",) * 2, (8, 8), 4),
        "text_encoder": clip_text(),
        "tokenizer": clip_tokenizer(folder.parent),
        "unet": UNet2DConditionModel(
            sample_size=UNET_SIDE // 2, in_channels=4, out_channels=4, block_out_channels=(8, 16), layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=WIDTH, attention_head_dim=4, norm_num_groups=4,
        ),
        "scheduler": DDIMScheduler(steps_offset=1, clip_sample=False),
        "safety_checker": None, "feature_extractor": None, "requires_safety_checker": False,
    } | changes  # fmt: skip
    StableDiffusionPipeline(**parts).save_pretrained(folder)
    return folder


def save_flow_pipeline(folder: Path, **changes) -> Path:
    """Save a Flux of 40,000 parameters, whose own size is 128 x 128."""
    torch.manual_seed(0)
    t5 = t5_tokenizer()
    parts = {
        "scheduler": FlowMatchEulerDiscreteScheduler(),
        "vae": vae(("DownEncoderBlock2D",), ("UpDecoderBlock2D",), (4,), 1),
        "text_encoder": clip_text(),
        "tokenizer": clip_tokenizer(folder.parent),
        "text_encoder_2": T5EncoderModel(
            T5Config(vocab_size=len(t5), d_model=WIDTH, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
        ),
        "tokenizer_2": t5,
        "transformer": FluxTransformer2DModel(
            patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16,
            num_attention_heads=1, joint_attention_dim=WIDTH, pooled_projection_dim=WIDTH, axes_dims_rope=(4, 4, 8),
            guidance_embeds=True,
        ),
    } | changes  # fmt: skip
    FluxPipeline(**parts).save_pretrained(folder)
    return folder


def vae(down: tuple, up: tuple, widths: tuple, channels: int) -> AutoencoderKL:
    return AutoencoderKL(
        down_block_types=down, up_block_types=up, block_out_channels=widths, latent_channels=channels,
        norm_num_groups=4, layers_per_block=1, shift_factor=0.0,
    )  # fmt: skip


def clip_text() -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=2 * len(LETTERS) + 2, hidden_size=WIDTH, intermediate_size=16, num_hidden_layers=1,
            num_attention_heads=2, projection_dim=WIDTH, bos_token_id=2 * len(LETTERS),
            eos_token_id=2 * len(LETTERS) + 1, pad_token_id=2 * len(LETTERS) + 1,
        )
    )  # fmt: skip


def clip_tokenizer(folder: Path) -> CLIPTokenizer:
    tokens = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS), "<|startoftext|>", "<|endoftext|>"]
    vocabulary, merges = folder / "letters.json", folder / "merges.txt"
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary.write_text(json.dumps({token: index for index, token in enumerate(tokens)}))
    merges.write_text("#version: 0.2\n")
    return CLIPTokenizer(str(vocabulary), str(merges), model_max_length=77)


def t5_tokenizer() -> T5TokenizerFast:
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((letter, -3.0) for letter in LETTERS)]
    return T5TokenizerFast(vocab=vocabulary, extra_ids=0, model_max_length=512)


def flagging_checker() -> tuple[StableDiffusionSafetyChecker, CLIPImageProcessorPil]:
    """Return a safety checker that flags every picture, with its picture processor."""
    vision = {"hidden_size": WIDTH, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    sides = {"image_size": 32, "patch_size": 16, "projection_dim": 8}
    checker = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision | sides, projection_dim=8))
    with torch.no_grad():
        checker.concept_embeds_weights.fill_(-10.0)  # thresholds that every picture is above
    processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    return checker, processor
