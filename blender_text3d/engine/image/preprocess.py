# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare an image file for Point-E and Shap-E: the object alone, on white, centered, at the size of their training.

White is the background of all three images in the official examples; the official package drops alpha, which reveals
the colors of transparent pixels.

Source: openai/point-e, point_e/examples/example_data; openai/shap-e, shap_e/examples/example_data/corgi.png and the
advice in sample_image_to_3d.ipynb to remove the background.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from torch import Tensor

from .clip_preprocess import normalize_pixels, resize_and_crop
from .framing import WHITE, frame_object, object_box
from .image_file import BadImage, read_image

MAX_SIDE = 1024
MIN_TRANSPARENT_SHARE = 0.001
"""From this share of transparent pixels on, alpha is taken for the object's outline."""
MIN_OBJECT_PIXELS, OF_PIXELS = 100, 224
"""An object should have so many pixels for an image tower whose input is so large, and in proportion for others."""
BUSY_BACKGROUND = (
    "The background of the image is not plain, so it was kept, and the model sees it as part of the object. "
    "Cut out the object for a better result."
)
CUT_OFF = "The object touches the edge of the image; the model has to guess the rest."


@dataclass(frozen=True)
class PreparedImage:
    """An image ready for CLIP.

    Attributes:
        view: `(H, W, 3) uint8` sRGB, the image as the model sees it.
        notes: sentences for the user on changes and advice.
    """

    view: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def pixels(self) -> Tensor:
        """`(1, 3, H, W) float32`, the input of CLIP's image tower."""
        return normalize_pixels(self.view)[None]

    def save(self, path: Path) -> None:
        """Write the view as PNG."""
        Image.fromarray(self.view).save(path, format="PNG")


def prepare_image(path: Path, size: int = 224, as_is: bool = False) -> PreparedImage:
    """Prepare a file's image as the models expect it.

    Args:
        path: PNG, JPEG or WebP file.
        size: side of the image tower's input, in pixels.
        as_is: True to only composite alpha over white and crop the center, for images that are prepared already.

    Raises:
        BadImage: The file cannot be used as an image, or shows no object.
    """
    image, notes = read_image(path)
    if as_is:
        return PreparedImage(resize_and_crop(_on_white(image), size), notes)
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    rgb, alpha, advice = _separate_object(image)
    if alpha is None:
        return PreparedImage(resize_and_crop(rgb, size), (*notes, *advice))
    box = object_box(alpha)
    if box is None:
        raise BadImage(f"{path.name} shows only background. Choose an image of one object.")
    return PreparedImage(resize_and_crop(frame_object(rgb, box), size), (*notes, *advice, *_size_advice(box, size)))


def _separate_object(image: Image.Image) -> tuple[Image.Image, np.ndarray | None, tuple[str, ...]]:
    """Return the object on white, its share of each pixel (None if unknown), and advice for the user."""
    from .background_removal import estimate_background, foreground_alpha  # scipy.ndimage, which prompts do not need

    alpha = np.asarray(image.getchannel("A")) / 255
    on_white = _on_white(image)
    if (alpha < 0.5).mean() >= MIN_TRANSPARENT_SHARE:
        return on_white, alpha, ()
    rgb = np.asarray(on_white).astype(np.float64)
    background = estimate_background(rgb)
    if background is None:
        return on_white, None, (BUSY_BACKGROUND,)
    alpha = foreground_alpha(rgb, background)
    return _replace_background(rgb, background, alpha), alpha, _edge_advice(alpha)


def _replace_background(rgb: np.ndarray, background: np.ndarray, alpha: np.ndarray) -> Image.Image:
    """Replace the background's share of every pixel by white."""
    white = np.array(WHITE, dtype=np.float64)
    cleaned = np.where(alpha[..., None] > 0, rgb + (1 - alpha[..., None]) * (white - background), white)
    return Image.fromarray(np.round(cleaned.clip(0, 255)).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, (*WHITE, 255))
    return Image.alpha_composite(white, image).convert("RGB")


def _edge_advice(alpha: np.ndarray) -> tuple[str, ...]:
    box = object_box(alpha)
    height, width = alpha.shape
    touches = box is not None and (box[0] == 0 or box[1] == 0 or box[2] == width or box[3] == height)
    return (CUT_OFF,) if touches else ()


def _size_advice(box: tuple[int, int, int, int], input_side: int) -> tuple[str, ...]:
    left, top, right, bottom = box
    size = max(right - left, bottom - top)
    advice = f"The object is only {size} pixels across; a larger image shows more detail."
    return (advice,) if size * OF_PIXELS < MIN_OBJECT_PIXELS * input_side else ()
