# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP ViT-L/14; Point-E and Shap-E are conditioned on its text and image embeddings.

Source: address and hash, clip/clip.py of openai/CLIP; size, and hash of the hub's layout, git-lfs pointers of the same
files on the hub.
"""

from .addresses import at_openai, in_space, on_hub
from .checkpoint import OFFICIAL, TRANSFORMERS, Checkpoint, CheckpointFile

SHA256 = "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836"
PARAMETER_COUNT = 427_616_513
FILE_NAME = "ViT-L-14.pt"

OFFICIAL_FILE = CheckpointFile(
    path=f"clip/{FILE_NAME}",
    layout=OFFICIAL,
    addresses=(
        *at_openai(f"clip/models/{SHA256}/{FILE_NAME}"),
        *on_hub("4eJIoBek/Shap-E", FILE_NAME),
        *in_space("jyseo/3DFuse", f"point_e_model_cache/{FILE_NAME}"),
    ),
    parameter_count=PARAMETER_COUNT,
    bytes_per_parameter=2,
    size=932_768_134,
    sha256=SHA256,
)
HUB_FILE = CheckpointFile(
    path="clip/clip-vit-large-patch14.safetensors",
    layout=TRANSFORMERS,
    addresses=on_hub("openai/clip-vit-large-patch14", "model.safetensors"),
    parameter_count=PARAMETER_COUNT,
    copied_sha256="a2bf730a0c7debf160f7a6b50b3aaf3703e7e88ac73de7a314903141db026dcb",
    required_tensors=("text_projection.weight", "vision_model.post_layernorm.weight"),
)
CLIP = (
    Checkpoint(
        name="clip/ViT-L-14",
        about="text and image to embeddings",
        variants=(OFFICIAL_FILE, HUB_FILE),
        license="MIT",
        card="https://github.com/openai/CLIP/blob/main/model-card.md",
        warning=(
            "Made for research; OpenAI considers every deployed use out of scope, and never allows surveillance or "
            "facial recognition. English only; its results have biases of race, gender and age."
        ),
    ),
)
