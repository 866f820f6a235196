# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E's checkpoints.

Source: names, addresses and hashes, shap_e/models/download.py of openai/shap-e; sizes and the hashes of the hub's own
layout, git-lfs pointers in the hub's openai/shap-e, openai/shap-e-img2img and 4eJIoBek/Shap-E; heads, the official
text_cond_config.yaml and image_cond_config.yaml.
"""

from .addresses import at_openai, in_space, on_hub
from .checkpoint import DIFFUSERS, OFFICIAL, TRANSMITTER, Checkpoint, CheckpointFile

CARD = "https://github.com/openai/shap-e/blob/main/model-card.md"
WARNING = (
    "Made for research; OpenAI advises against commercial use and against use where accuracy matters. Counts and "
    "several objects at once often fail, surfaces can be rough or have holes, people can be biased by gender, "
    "and printed parts must be checked before use."
)
PRIOR_FILE, RENDERER_FILE = "prior/diffusion_pytorch_model.bin", "shap_e_renderer/diffusion_pytorch_model.bin"
IMAGE_NORM = "embedding_proj_norm.weight"
TRANSMITTER_SHA256 = "af02a0b85a8abdfb3919584b63c540ba175f6ad4790f574a7fef4617e5acdc3b"
"""Of the file with encoder and decoder, which serves as either."""


def _copies(file: str) -> tuple:
    return on_hub("4eJIoBek/Shap-E", file) + in_space("MirageML/shap-e", f"shap_e_model_cache/{file}")


def _official(
    file: str, parameter_count: int, sha256: str, size: int = 0, copies: tuple = (), layout: str = OFFICIAL
) -> CheckpointFile:
    addresses = at_openai(f"main/shap-e/{file}") + copies
    return CheckpointFile(f"shap-e/{file}", layout, addresses, parameter_count, size=size, sha256=sha256)


TEXT = Checkpoint(
    "shap-e/text300M",
    "text to a latent",
    (
        _official("text_cond.pt", 315_692_032, "e6b4fa599a7b3c3b16c222d5f5fe56f9db9289ff0b6575fbe5c11bc97106aad4",
                  1_262_868_003, _copies("text_cond.pt")),
        CheckpointFile("shap-e/text_prior.bin", DIFFUSERS, on_hub("openai/shap-e", PRIOR_FILE), 315_692_032,
             required_tensors=("positional_embedding", "proj_to_clip_embeddings.bias"),
             forbidden_tensors=(IMAGE_NORM,), heads=16),
    ),
    "MIT", CARD, WARNING,
)  # fmt: skip

IMAGE = Checkpoint(
    "shap-e/image300M",
    "image to a latent",
    (
        _official("image_cond.pt", 315_956_224, "cb8072c64bbbcf6910488814d212227de5db291780d4ea99c6152f9346cf12aa",
                  1_263_925_407, _copies("image_cond.pt")),
        CheckpointFile("shap-e/image_prior.bin", DIFFUSERS, on_hub("openai/shap-e-img2img", PRIOR_FILE), 315_956_224,
             copied_sha256="5d293731644d9c6de6e7bd22bb1db5a52cb7b0f35ca452cbdbb8cf1bc727316e",
             required_tensors=("positional_embedding", IMAGE_NORM), heads=8),
    ),
    "MIT", CARD, WARNING,
)  # fmt: skip

DECODER = Checkpoint(
    "shap-e/decoder",
    "a latent to a mesh or to images",
    (
        _official("vector_decoder.pt", 226_297_289,
                  "d7e7ebbfe3780499ae89b2da5e7c1354012dba5a6abfe295bed42f25c3be1b98"),
        CheckpointFile("shap-e/renderer.bin", DIFFUSERS,
             on_hub("openai/shap-e", RENDERER_FILE) + on_hub("openai/shap-e-img2img", RENDERER_FILE), 226_297_289,
             copied_sha256="2b63c2b52fbff7cc2c0b88b196f169e8adbcc2c298cadab30afe63c8a7241a05",
             required_tensors=("mlp.mlp.6.weight", "params_proj.projections.nerstf__mlp__3__weight.norm.bias")),
        _official("transmitter.pt", 443_991_776, TRANSMITTER_SHA256, copies=_copies("transmitter.pt"),
                  layout=TRANSMITTER),
    ),
    "MIT", CARD, WARNING,
)  # fmt: skip

ENCODER = Checkpoint(
    "shap-e/encoder",
    "an object to a latent",
    (_official("transmitter.pt", 443_991_776, TRANSMITTER_SHA256, copies=_copies("transmitter.pt")),),
    "MIT", CARD, WARNING,
)  # fmt: skip

SHAP_E = (TEXT, IMAGE, DECODER, ENCODER)
