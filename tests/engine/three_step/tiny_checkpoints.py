# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints of GLIDE, CLIP, Point-E and Shap-E in the official layout: tiny networks with random weights."""

from dataclasses import replace

import torch

from blender_text3d.engine.conditioning import official_models
from blender_text3d.engine.glide import official as glide
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.unet import UNet
from blender_text3d.engine.nn.point_transformer import PointTransformerConfig
from blender_text3d.engine.point_e import configs as point_e_configs
from blender_text3d.engine.point_e import official as point_e
from blender_text3d.engine.point_e.sdf import SDFConfig
from blender_text3d.engine.point_e.upsampler import UpsamplerConfig
from blender_text3d.engine.shap_e import official as shap_e
from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from blender_text3d.engine.shap_e.encoding import encode_object
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from blender_text3d.engine.three_step import scores
from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.loading import load_network
from blender_text3d.engine.weights.store import local_files
from tests.engine.glide import sizes
from tests.engine.shap_e.encoding import small_encoder

WIDTH = 16
SMALL = replace(sizes.SMALL, image_size=16, attention_resolutions=(8,))
SMALL_UPSAMPLE = replace(SMALL, image_size=32, super_res=True)
IMAGE = ClipImageConfig(image_resolution=28, patch_size=7, width=WIDTH, layers=1, heads=2, embed_dim=8)
TEXT = ClipTextConfig(width=WIDTH, layers=1, heads=2, embed_dim=8)
TRANSFORMER = {"width": WIDTH, "layers": 1, "heads": 2, "condition_channels": WIDTH}
POINTS, FINE = 12, 20
BASE = PointTransformerConfig(input_channels=6, output_channels=12, n_ctx=POINTS, **TRANSFORMER)
VECTOR = replace(BASE, condition_channels=8)
UPSAMPLE = UpsamplerConfig(
    input_channels=6, output_channels=12, n_ctx=FINE, cond_ctx=POINTS, channel_scales=point_e_configs.CHANNEL_SCALES,
    channel_biases=point_e_configs.CHANNEL_BIASES, **TRANSFORMER,
)  # fmt: skip
SDF = SDFConfig(width=WIDTH, encoder_layers=1, encoder_heads=2, decoder_layers=1, decoder_heads=2)
DECODER = DecoderConfig(d_row=4, d_hidden=8, n_hidden_layers=2, n_meta_layers=1, insert_direction_at=None)
PRIOR = PriorConfig(d_latent=DECODER.rows * DECODER.d_row, latent_ctx=DECODER.rows, condition_grid=True, **TRANSFORMER)
TEXT_PRIOR = replace(PRIOR, condition_grid=False, condition_channels=8)
POINT_E = {
    **dict.fromkeys(("base40M", "base300M", "base1B"), BASE),
    **dict.fromkeys(("base40M-textvec", "base40M-imagevec", "base40M-uncond"), VECTOR),
    "upsample": UPSAMPLE,
    "sdf": SDF,
}
POINT_E_CLASSES = {name: class_ for name, (class_, _) in point_e_configs.OFFICIAL.items()}
NETWORKS = {
    "clip/ViT-L-14": lambda: {**ClipText(TEXT).state_dict(), **with_prefix("visual.", ClipImage(IMAGE).state_dict())},
    "glide/base": lambda: {**TextTransformer(SMALL).state_dict(), **UNet(SMALL).state_dict()},
    "glide/upsample": lambda: {**TextTransformer(SMALL_UPSAMPLE).state_dict(), **UNet(SMALL_UPSAMPLE).state_dict()},
    **{f"point-e/{name}": lambda name=name: POINT_E_CLASSES[name](POINT_E[name]).state_dict() for name in POINT_E},
    "shap-e/text300M": lambda: SplitVectorDiffusion(TEXT_PRIOR).state_dict(),
    "shap-e/image300M": lambda: SplitVectorDiffusion(PRIOR).state_dict(),
    "shap-e/decoder": lambda: VectorDecoder(DECODER).state_dict(),
    "shap-e/encoder": lambda: Transmitter(small_encoder.CONFIG, small_encoder.DECODER).state_dict(),
}


def with_prefix(prefix, tensors):
    return {prefix + name: tensor for name, tensor in tensors.items()}


def write_checkpoint(name, weights_dir, tensors=None):
    """Write a checkpoint's file; returns its entry for the catalogue."""
    torch.manual_seed(0)
    tensors = tensors or NETWORKS[name]()
    entry = CHECKPOINTS[name]
    count = sum(tensor.numel() for tensor in tensors.values())
    file = replace(
        entry.variants[0], parameter_count=count, tensor_count=len(tensors), size=0, sha256="", bytes_per_parameter=4,
    )  # fmt: skip
    path = weights_dir / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(tensors, path)
    return replace(entry, variants=(file,))


def use_tiny_checkpoints(monkeypatch, weights_dir, names=tuple(NETWORKS)):
    """Let the engine find these files, of networks of these sizes, and no others."""
    entries = {name: write_checkpoint(name, weights_dir) for name in names}
    catalogue = {name: entries.get(name, CHECKPOINTS[name]) for name in CHECKPOINTS}
    for module in (load_network, local_files):
        monkeypatch.setattr(module, "CHECKPOINTS", catalogue)
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(weights_dir))
    monkeypatch.setitem(glide.OFFICIAL, "base", SMALL)
    monkeypatch.setitem(glide.OFFICIAL, "upsample", SMALL_UPSAMPLE)
    classes = point_e_configs.OFFICIAL
    for name, size in POINT_E.items():
        monkeypatch.setitem(classes, name, (classes[name][0], size))
    monkeypatch.setattr(point_e, "COARSE_POINTS", POINTS)
    monkeypatch.setattr(point_e, "FINE_POINTS", FINE)
    monkeypatch.setattr(shap_e, "OFFICIAL_IMAGE_PRIOR", PRIOR)
    monkeypatch.setattr(shap_e, "OFFICIAL_TEXT_PRIOR", TEXT_PRIOR)
    monkeypatch.setattr(encode_object, "OFFICIAL_ENCODER", small_encoder.CONFIG)
    monkeypatch.setattr(encode_object, "OFFICIAL_DECODER", small_encoder.DECODER)
    monkeypatch.setattr(shap_e, "OFFICIAL_DECODER", DECODER)
    for module in (official_models, scores):
        monkeypatch.setattr(module, "ClipTextConfig", lambda: TEXT)
    monkeypatch.setattr(official_models, "ClipImageConfig", lambda: IMAGE)
    official_models.forget_clip()
    return catalogue
