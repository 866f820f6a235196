# SPDX-License-Identifier: GPL-3.0-or-later
"""Point-E's checkpoints. OpenAI publishes no hashes of them.

Source: names and addresses, point_e/models/download.py of openai/point-e; tensors and parameters, counted from the
official configurations; the two hashes, git-lfs pointers of copies on the hub that agree with each other.
"""

from .addresses import at_openai, in_space
from .checkpoint import OFFICIAL, Checkpoint, CheckpointFile

CARD = "https://github.com/openai/point-e/blob/main/model-card.md"
WARNING = (
    "Made for research; OpenAI advises against commercial use and against use where precision matters. Clouds are "
    "coarse and noisy, simple prompts work best, people can be biased by gender, and printed parts must be "
    "checked before use."
)
MIRAGE, FUSE = "MirageML/point-e", "jyseo/3DFuse"


def _checkpoint(
    name: str, file: str, about: str, tensor_count: int, parameter_count: int, space: str = "", seen: str = ""
) -> Checkpoint:
    copies = in_space(space, f"point_e_model_cache/{file}") if space else ()
    form = CheckpointFile(
        path=f"point-e/{file}",
        layout=OFFICIAL,
        addresses=at_openai(f"main/point-e/{file}") + copies,
        parameter_count=parameter_count,
        tensor_count=tensor_count,
        copied_sha256=seen,
    )
    return Checkpoint(f"point-e/{name}", about, (form,), "MIT", CARD, WARNING)


POINT_E = (
    _checkpoint("base40M-textvec", "base_40m_textvec.pt", "text to 1,024 points", 158, 40_333_836, MIRAGE,
                "c01c13df8f2f6ebdc4daf360625350a3715e7cd3ed4ac93e577f9f1958bfccc4"),
    _checkpoint("base40M-imagevec", "base_40m_imagevec.pt", "image to 1,024 points, by its embedding", 158, 40_333_836),
    _checkpoint("base40M-uncond", "base_40m_uncond.pt", "1,024 points, without a prompt", 156, 39_940_108),
    _checkpoint("base40M", "base_40m.pt", "image to 1,024 points", 160, 40_466_956, FUSE),
    _checkpoint("base300M", "base_300m.pt", "image to 1,024 points, better", 304, 311_778_316, MIRAGE),
    _checkpoint("base1B", "base_1b.pt", "image to 1,024 points, best", 304, 1_244_311_564, FUSE),
    _checkpoint("upsample", "upsample_40m.pt", "1,024 points to 4,096", 164, 40_470_552, FUSE,
                "07881c369ee0bef1a45b8ff1f464626a099a6023eef4197e4a445f5dce37ed20"),
    _checkpoint("sdf", "sdf.pt", "4,096 points to a mesh", 168, 9_481_985, MIRAGE),
)  # fmt: skip
