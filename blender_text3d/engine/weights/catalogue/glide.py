# SPDX-License-Identifier: GPL-3.0-or-later
"""GLIDE's checkpoints for text to picture. OpenAI publishes neither hashes nor sizes of them.

Source: names and addresses, glide_text2im/download.py of openai/glide-text2im (69b5307); tensors and parameters,
counted from the official configurations; limits, its model-card.md.
"""

from .addresses import in_storage
from .checkpoint import OFFICIAL, Checkpoint, CheckpointFile

CARD = "https://github.com/openai/glide-text2im/blob/main/model-card.md"
WARNING = (
    "Made for research; OpenAI does not recommend commercial use at present. It was trained without images of people "
    "and is not meant to make people or other filtered subjects; it confuses which color belongs to which object, and "
    "its images are biased."
)
BASE_PARAMETERS, UPSAMPLE_PARAMETERS = 385_030_726, 398_361_286
RELATIVES = (
    (BASE_PARAMETERS, "the network that makes GLIDE's small image (base.pt), not the one that enlarges it"),
    (UPSAMPLE_PARAMETERS, "the network that enlarges GLIDE's image (upsample.pt), not the one that makes it"),
    (385_037_638, "GLIDE's inpainting network, whose input has 7 channels; base.pt, which has 3, is needed"),
    (398_368_198, "GLIDE's inpainting network, whose input has 10 channels; upsample.pt, which has 6, is needed"),
)


def _checkpoint(name: str, about: str, tensor_count: int, parameter_count: int) -> Checkpoint:
    form = CheckpointFile(
        path=f"glide/{name}.pt",
        layout=OFFICIAL,
        addresses=in_storage(f"diffusion/dec-2021/{name}.pt"),
        parameter_count=parameter_count,
        tensor_count=tensor_count,
        relatives=tuple(entry for entry in RELATIVES if entry[0] != parameter_count),
    )
    return Checkpoint(f"glide/{name}", about, (form,), "MIT", CARD, WARNING)


GLIDE = (
    _checkpoint("base", "text to an image of 64 x 64 pixels", 783, BASE_PARAMETERS),
    _checkpoint("upsample", "64 x 64 pixels to 256 x 256", 797, UPSAMPLE_PARAMETERS),
)
