# SPDX-License-Identifier: GPL-3.0-or-later
"""An image file to what Point-E and Shap-E see of it: the object alone, on white, centred, of the size they know.

White is the background of all three pictures that the official examples condition on; the official package drops the
alpha of a picture without looking at it, which uncovers whatever colour lies beneath.

Source: openai/point-e, point_e/examples/example_data; openai/shap-e, shap_e/examples/example_data/corgi.png and the
advice in sample_image_to_3d.ipynb to remove the background.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from .background_removal import background_of, object_alpha
from .clip_preprocess import clip_pixels, clip_view
from .framing import WHITE, framed, object_box
from .image_file import BadImage, read_picture

MAX_SIDE = 1024
CUT_OUT_SHARE = 0.001
FEW_PIXELS = 100
BUSY = (
    "The background of the picture is not plain, so it was left in, and the model takes it for part of the object. "
    "Cut the object out for a better result."
)
CUT_OFF = "The object touches the edge of the picture; what lies beyond it the model has to guess."


@dataclass(frozen=True)
class PreparedImage:
    """A picture ready for CLIP.

    Attributes:
        view: [S, S, 3] uint8 sRGB, what the model sees, to be shown and saved.
        notes: sentences for the user on what was done and what would help.
    """

    view: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def pixels(self) -> Tensor:
        """[1, 3, S, S] float32, as CLIP's image tower takes it."""
        return clip_pixels(self.view)[None]

    def save(self, path: Path) -> None:
        """Writes what the model sees as PNG."""
        Image.fromarray(self.view).save(path, format="PNG")


def prepared_image(path: Path, size: int = 224, as_is: bool = False) -> PreparedImage:
    """A file's picture as the models expect it.

    Args:
        path: PNG, JPEG or WebP.
        size: side of what the image tower takes, in pixels.
        as_is: only lay alpha on white and let CLIP crop the middle, as the official package would; for pictures that
            are already as the models expect.

    Raises:
        BadImage: The file cannot be used as a picture, or shows nothing.
    """
    picture, notes = read_picture(path)
    if as_is:
        return PreparedImage(clip_view(_on_white(picture), size), notes)
    if max(picture.size) > MAX_SIDE:
        picture.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    rgb, alpha, advice = _object(picture)
    if alpha is None:
        return PreparedImage(clip_view(rgb, size), (*notes, *advice))
    box = object_box(alpha)
    if box is None:
        raise BadImage(f"{path.name} shows nothing but its background. Choose a picture of one object.")
    return PreparedImage(clip_view(framed(rgb, box), size), (*notes, *advice, *_size_advice(box)))


def _object(picture: Image.Image) -> tuple[Image.Image, np.ndarray | None, tuple[str, ...]]:
    """The object on white; how much of each pixel it is, None where that cannot be told; advice for the user."""
    alpha = np.asarray(picture.getchannel("A")) / 255
    on_white = _on_white(picture)
    if (alpha < 0.5).mean() >= CUT_OUT_SHARE:
        return on_white, alpha, ()
    rgb = np.asarray(on_white).astype(np.float64)
    background = background_of(rgb)
    if background is None:
        return on_white, None, (BUSY,)
    alpha = object_alpha(rgb, background)
    return _whitened(rgb, background, alpha), alpha, _edge_advice(alpha)


def _whitened(rgb: np.ndarray, background: np.ndarray, alpha: np.ndarray) -> Image.Image:
    """The picture with its background's share of every pixel exchanged for white."""
    white = np.array(WHITE, dtype=np.float64)
    cleaned = np.where(alpha[..., None] > 0, rgb + (1 - alpha[..., None]) * (white - background), white)
    return Image.fromarray(np.round(cleaned.clip(0, 255)).astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    white = Image.new("RGBA", picture.size, (*WHITE, 255))
    return Image.alpha_composite(white, picture).convert("RGB")


def _edge_advice(alpha: np.ndarray) -> tuple[str, ...]:
    box = object_box(alpha)
    height, width = alpha.shape
    touches = box is not None and (box[0] == 0 or box[1] == 0 or box[2] == width or box[3] == height)
    return (CUT_OFF,) if touches else ()


def _size_advice(box: tuple[int, int, int, int]) -> tuple[str, ...]:
    left, top, right, bottom = box
    across = max(right - left, bottom - top)
    few = f"The object is only {across} pixels across; a larger picture shows the model more of it."
    return (few,) if across < FEW_PIXELS else ()
