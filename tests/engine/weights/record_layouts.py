# SPDX-License-Identifier: GPL-3.0-or-later
"""Record layouts.npz and layouts.json: the outputs of diffusers and transformers with the weights of layout_cases.py.

    pip install torch==2.13.0 diffusers==0.42.1 transformers==5.23.0 safetensors
    python -m tests.engine.weights.record_layouts

It also goes the other way: our networks' weights, brought into their layouts, in their classes, must give what ours
give. It prints the largest relative differences and fails above 1e-5.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from diffusers.models.transformers.prior_transformer import PriorTransformer
from diffusers.pipelines.shap_e.renderer import ShapERenderer
from transformers import CLIPConfig, CLIPModel

from blender_text3d.engine.shap_e.decoder import DecoderConfig, VectorDecoder
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion
from blender_text3d.engine.text.clip_image import ClipImage, ClipImageConfig
from blender_text3d.engine.text.clip_text import ClipText, ClipTextConfig
from tests.engine.weights import layout_cases as cases

HERE = Path(__file__).parent
TOLERANCE = 1e-5


def main():
    torch.manual_seed(3)
    arrays, shapes = {}, {}
    with torch.no_grad():
        for name, case in {
            "text_prior": text_prior,
            "image_prior": image_prior,
            "renderer": renderer,
            "clip": clip,
        }.items():
            theirs, inputs, run, back = case()
            arrays |= {f"{name}/{key}": value.numpy() for key, value in inputs.items()}
            backward(name, theirs, inputs, run, back)
            shapes[name] = {key: list(value.shape) for key, value in theirs.state_dict().items() if keeps(value)}
            theirs.load_state_dict(theirs.state_dict() | cases.filled(shapes[name]))
            arrays |= {f"{name}/{key}": value.numpy() for key, value in run(theirs, inputs).items()}
    np.savez_compressed(HERE / "layouts.npz", **arrays)
    (HERE / "layouts.json").write_text(json.dumps(shapes, indent=0) + "\n")


def keeps(value):
    return value.is_floating_point()


def backward(name, theirs, inputs, run, back):
    """Compare our class with their class, with our weights."""
    ours, state = back()
    theirs.load_state_dict(theirs.state_dict() | state)
    print(f"{name}: not ours in their class: {sorted(theirs.state_dict().keys() - state.keys())}")
    got, wanted = run(theirs, inputs), ours(inputs)
    errors = {key: ((got[key] - wanted[key]).abs().max() / wanted[key].abs().max()).item() for key in wanted}
    spread = {key: round(wanted[key].std().item(), 4) for key in wanted}
    print(f"{name}: our weights in their class differ by {errors}, where they vary by {spread}")
    assert max(errors.values()) < TOLERANCE


# --- priors


def prior(channels, has_grid):
    theirs = PriorTransformer(
        num_attention_heads=cases.HEADS, attention_head_dim=32 // cases.HEADS, num_layers=2, embedding_dim=24,
        num_embeddings=16, additional_embeddings=0, time_embed_act_fn="gelu", norm_in_type="layer",
        embedding_proj_norm_type="layer" if has_grid else None, encoder_hid_proj_type=None, added_emb_type=None,
        time_embed_dim=128, embedding_proj_dim=channels, clip_embed_dim=48,
    ).eval()  # fmt: skip
    cells = (cases.IMAGE_CELLS,) if has_grid else ()
    inputs = {"x": torch.randn(2, 16 * 24), "t": torch.tensor([3, 871]), "condition": torch.randn(2, *cells, channels)}
    config = PriorConfig(**cases.PRIOR, condition_channels=channels, condition_grid=has_grid)

    def run(theirs, inputs):
        condition = inputs["condition"] * (1 if has_grid else math.sqrt(channels))
        x = inputs["x"].view(2, 16, 24)
        out = theirs(x, timestep=inputs["t"], proj_embedding=condition).predicted_image_embedding
        return {"y": torch.cat([half.flatten(1) for half in out.chunk(2, dim=-1)], dim=1)}

    def back():
        ours = SplitVectorDiffusion(config).eval()
        ours.load_state_dict(cases.filled({k: v.shape for k, v in ours.state_dict().items()}, seed=7))
        condition = inputs["condition"].transpose(1, 2) if has_grid else inputs["condition"]
        return lambda given: {"y": ours(given["x"], given["t"], condition)}, to_diffusers(ours.state_dict())

    return theirs, inputs, run, back


def text_prior():
    return prior(cases.TEXT_CHANNELS, has_grid=False)


def image_prior():
    return prior(cases.IMAGE_CHANNELS, has_grid=True)


def to_diffusers(official):
    """Convert official names and order to diffusers', independent of the loader's inverse."""
    out = {}
    text = [
        ("wrapped.", ""), ("pos_emb", "positional_embedding"), ("time_embed.c_fc", "time_embedding.linear_1"),
        ("time_embed.c_proj", "time_embedding.linear_2"), ("input_proj", "proj_in"), ("ln_pre", "norm_in"),
        ("clip_embed.0", "embedding_proj_norm"), ("clip_embed.1", "embedding_proj"), ("clip_embed", "embedding_proj"),
        ("ln_post", "norm_out"), ("output_proj", "proj_to_clip_embeddings"),
        ("backbone.resblocks", "transformer_blocks"), ("attn.c_proj", "attn1.to_out.0"),
        ("mlp.c_fc", "ff.net.0.proj"), ("mlp.c_proj", "ff.net.2"), ("ln_1", "norm1"),
        ("ln_2", "norm3"),
    ]  # fmt: skip
    for name, tensor in official.items():
        for old, new in text:
            name = name.replace(old, new)
        if "c_qkv" in name:
            rows = tensor.reshape(cases.HEADS, 3, -1, *tensor.shape[1:])
            for index, letter in enumerate("qkv"):
                out[name.replace("attn.c_qkv", f"attn1.to_{letter}")] = rows[:, index].flatten(0, 1)
        else:
            out[name] = tensor[None] if name == "positional_embedding" else tensor
    return out


# --- renderer


def renderer():
    rows, hidden = cases.DECODER["d_row"], cases.DECODER["d_hidden"]
    widths = [93, hidden, hidden, hidden]
    theirs = ShapERenderer(
        param_names=[f"nerstf.mlp.{i}.weight" for i in range(4)],
        param_shapes=[(hidden, width) for width in widths],
        d_latent=rows,
        d_hidden=hidden,
    ).eval()
    inputs = {"latent": torch.randn(1, 4 * hidden * rows), "position": torch.rand(1, 50, 3) * 2 - 1}

    def run(theirs, inputs):
        made = theirs.params_proj(inputs["latent"].view(1, 4 * hidden, rows))
        before = {k: v.clone() for k, v in theirs.mlp.state_dict().items()}
        for name, value in made.items():
            theirs.mlp.state_dict()[name.removeprefix("nerstf.")].copy_(value[0])
        out = {}
        for mode, level in (("stf", "coarse"), ("nerf", "coarse"), ("nerf", "fine")):
            got = theirs.mlp(
                position=inputs["position"], direction=None, ts=None, nerf_level=level, rendering_mode=mode
            )
            out |= {f"{mode}_{level}_channels": got.channels, f"{level}_density": got.density}
            out["signed_distance"] = got.signed_distance
        theirs.mlp.load_state_dict(before)
        return out

    def back():
        ours = VectorDecoder(DecoderConfig(**cases.DECODER)).eval()
        ours.load_state_dict(cases.filled({k: v.shape for k, v in ours.state_dict().items()}, seed=7))
        state = {
            k.replace("renderer.nerstf.mlp", "mlp.mlp").replace("renderer.", ""): v
            for k, v in ours.state_dict().items()
        }
        return lambda given: activated(ours(given["latent"], given["position"])), state

    return theirs, inputs, run, back


def activated(raw):
    return {
        "signed_distance": torch.tanh(raw[..., 0:1]),
        "coarse_density": torch.relu(raw[..., 1:2]),
        "fine_density": torch.relu(raw[..., 2:3]),
        "stf_coarse_channels": torch.sigmoid(raw[..., 3:6]),
        "nerf_coarse_channels": torch.sigmoid(raw[..., 6:9]),
        "nerf_fine_channels": torch.sigmoid(raw[..., 9:12]),
    }


# --- CLIP


def clip():
    text, image = cases.CLIP_TEXT, cases.CLIP_IMAGE
    theirs = CLIPModel(CLIPConfig(
        projection_dim=text["embed_dim"],
        text_config=dict(vocab_size=text["vocab_size"], hidden_size=text["width"], intermediate_size=4 * text["width"],
                         num_hidden_layers=text["layers"], num_attention_heads=text["heads"],
                         max_position_embeddings=text["context_length"], hidden_act="quick_gelu", eos_token_id=2),
        vision_config=dict(hidden_size=image["width"], intermediate_size=4 * image["width"],
                           num_hidden_layers=image["layers"], num_attention_heads=image["heads"],
                           image_size=image["image_resolution"], patch_size=image["patch_size"],
                           hidden_act="quick_gelu"),
    )).eval()  # fmt: skip
    ids = torch.randint(1, 90, (3, 12))
    for row, end in enumerate((11, 5, 7)):
        ids[row, end], ids[row, end + 1 :] = 95, 0
    inputs = {"ids": ids, "images": torch.randn(2, 3, 28, 28)}

    def run(theirs, inputs):
        text_hidden = theirs.text_model(input_ids=inputs["ids"]).last_hidden_state
        ends = text_hidden[torch.arange(3), inputs["ids"].argmax(-1)]
        seen = theirs.vision_model(pixel_values=inputs["images"])
        unit = torch.nn.functional.normalize
        return {
            "text_vector": unit(theirs.text_projection(ends), dim=-1),
            "image_vector": unit(theirs.visual_projection(seen.pooler_output), dim=-1),
            "grid": seen.last_hidden_state[:, 1:].transpose(1, 2),
        }

    def back():
        ours_text, ours_image = ClipText(ClipTextConfig(**text)).eval(), ClipImage(ClipImageConfig(**image)).eval()
        for tower in (ours_text, ours_image):
            tower.load_state_dict(cases.filled({k: v.shape for k, v in tower.state_dict().items()}, seed=7))
        state = to_transformers(ours_text.state_dict(), "text_model", image=False)
        state |= to_transformers(ours_image.state_dict(), "vision_model", image=True)
        return lambda given: {
            "text_vector": ours_text(given["ids"]),
            "image_vector": ours_image(given["images"]),
            "grid": ours_image.grid(given["images"]),
        }, state

    return theirs, inputs, run, back


def to_transformers(official, tower, image):
    """Convert official names and order to transformers', independent of the loader's inverse."""
    out = {}
    position = "embeddings.position_embedding.weight"
    text = [
        ("transformer.resblocks", "encoder.layers"), ("attn.out_proj", "self_attn.out_proj"), ("ln_1", "layer_norm1"),
        ("ln_2", "layer_norm2"), ("mlp.c_fc", "mlp.fc1"), ("mlp.c_proj", "mlp.fc2"), ("ln_final", "final_layer_norm"),
        ("ln_pre", "pre_layrnorm"), ("ln_post", "post_layernorm"), ("positional_embedding", position),
        ("token_embedding", "embeddings.token_embedding"), ("class_embedding", "embeddings.class_embedding"),
        ("conv1", "embeddings.patch_embedding"),
    ]  # fmt: skip
    for name, tensor in official.items():
        if name in ("text_projection", "proj"):
            out["visual_projection.weight" if image else "text_projection.weight"] = tensor.T
            continue
        if name == "logit_scale":
            out[name] = tensor
            continue
        for old, new in text:
            name = name.replace(old, new)
        if "in_proj" in name:
            for letter, rows in zip("qkv", tensor.chunk(3), strict=True):
                out[f"{tower}." + name.replace("attn.in_proj_", f"self_attn.{letter}_proj.")] = rows
        else:
            out[f"{tower}.{name}"] = tensor
    return out


if __name__ == "__main__":
    main()
