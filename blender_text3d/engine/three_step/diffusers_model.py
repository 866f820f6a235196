# SPDX-License-Identifier: GPL-3.0-or-later
"""Any text-to-image pipeline of the diffusers library as an image model."""

import gc
import inspect
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from ..glide.pictures import InvalidPicture, PictureStep, PictureSteps
from .diffusers_folder import read_saved_pipeline
from .diffusers_library import require_diffusers
from .diffusers_loading import load_pipeline
from .diffusers_settings import CallSettings, call_settings, dropped_notice
from .pipeline_source import pipeline_folder, weights_fingerprint
from .resumable_call import reports_of

BLACK = 1 / 255
NOT_YET_MADE = 127


class UnusablePicture(InvalidPicture):
    """A pipeline gave a black picture or numbers that are not finite; the message says what to do."""


class DiffusersModel:
    """A saved pipeline on one device, loaded when its pictures are made.

    Attributes:
        device: Where it runs.
        sha256: Hash that tells its weights from others.
    """

    def __init__(self, device: torch.device, source: str) -> None:
        """Check the pipeline's files, and load nothing.

        Args:
            device: Where it will run.
            source: The folder of a saved pipeline, or the hub name of one that was downloaded.

        Raises:
            BadPipeline: There is none that can be used.
            NotDownloaded: It is not on this machine.
            MissingPart: diffusers is not installed.
        """
        self._saved = read_saved_pipeline(pipeline_folder(source))
        require_diffusers()
        self.device = device
        self.sha256 = weights_fingerprint(self._saved)
        self._pipeline: Any = None

    def pictures(
        self,
        prompts: Sequence[str],
        seeds: Sequence[int],
        quality: str = "standard",
        guidance: float | None = None,
        negative_prompt: str = "",
        size: int = 0,
    ) -> PictureSteps:
        """Make one picture per prompt, one after the other: each is the same alone and in a batch.

        Args:
            prompts: B texts.
            seeds: B seeds.
            quality: "draft" takes half as many steps as the others, which take the pipeline's own number.
            guidance: Guidance scale, or None for the pipeline's own.
            negative_prompt: Text that the pictures should not show, or "".
            size: Side in pixels, or 0 for the pipeline's own.

        Raises:
            UnusablePicture: A picture has numbers that are not finite, or all are black.
            BadPipeline: The pipeline makes no picture of a text, or its files do not fit.
        """
        self._pipeline = self._pipeline or load_pipeline(self._saved, self.device)
        settings = call_settings(self._pipeline, quality, guidance, negative_prompt, size)
        total = settings.steps * len(prompts)
        notices = [*settings.notices, *(dropped_notice(self._pipeline, prompt) for prompt in dict.fromkeys(prompts))]
        for notice in filter(None, notices):
            yield PictureStep("image", 0, total, notice=notice)
        made: list[np.ndarray] = []
        reasons: list[str] = []
        for prompt, seed in zip(prompts, seeds, strict=True):
            picture, reason = yield from self._picture(prompt, seed, settings, len(made) * settings.steps, total)
            made.append(picture)
            notice = reason and f"The image of seed {seed} is black. {reason}"
            reasons += [notice] if notice else []
            show = partial(_sheet, tuple(made), len(prompts))
            yield PictureStep("image", len(made) * settings.steps, total, show, notice=notice or None)
        if len(reasons) == len(made):
            raise UnusablePicture(reasons[0])
        return np.stack(made)

    def close(self) -> None:
        """Free the pipeline's memory; it is loaded again when it is needed."""
        self._pipeline = None
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _picture(
        self, prompt: str, seed: int, settings: CallSettings, first: int, total: int
    ) -> Generator[PictureStep, None, tuple[np.ndarray, str]]:
        """Yield the steps of one picture and return it, (H, W, 3) uint8, with why it is black or "".

        Raises:
            UnusablePicture: It has numbers that are not finite.
        """
        output = yield from reports_of(partial(_call, self._pipeline, prompt, seed, settings, first, total))
        picture = output.images[0]
        if not np.isfinite(picture).all():
            raise _not_finite(self._pipeline, "its last step")
        reason = _blackness(picture, getattr(output, "nsfw_content_detected", None))
        return (picture * 255).round().astype(np.uint8), reason


def _call(
    pipeline: Any,
    prompt: str,
    seed: int,
    settings: CallSettings,
    first: int,
    total: int,
    report: Callable[[PictureStep], None],
) -> Any:
    """Run a pipeline for one picture and report its steps.

    Raises:
        UnusablePicture: Its numbers are not finite.
    """

    def on_step_end(pipeline: Any, index: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        latents = values.get("latents")
        if latents is not None and latents.device.type == "cpu" and not torch.isfinite(latents).all():
            raise _not_finite(pipeline, f"step {index + 1} of {settings.steps}")
        report(PictureStep("image", min(first + index + 1, total), total))
        return values

    arguments = dict(settings.arguments)
    if "callback_on_step_end" in inspect.signature(pipeline.__call__).parameters:
        arguments["callback_on_step_end"] = on_step_end
    generator = torch.Generator().manual_seed(seed)  # of the CPU: the same noise on every device
    with np.errstate(invalid="ignore"):
        return pipeline(prompt, generator=generator, **arguments)


def _not_finite(pipeline: Any, when: str) -> UnusablePicture:
    return UnusablePicture(
        f"The image of {type(pipeline).__name__} contains invalid numbers after {when}. Choose the CPU as device, or "
        "another image model."
    )


def _blackness(picture: np.ndarray, flags: Sequence[bool] | None) -> str:
    """Return why a picture, (H, W, 3) float, is black, with what to do, or ""."""
    if flags and flags[0]:
        return "The pipeline's safety checker removed it. Use other words or another seed."
    return "" if picture.max() > BLACK else "Use another seed, the CPU as device, or another image model."


def _sheet(made: tuple[np.ndarray, ...], count: int) -> np.ndarray:
    """Return all pictures, (B, H, W, 3) uint8; those that are not made yet are gray."""
    missing = np.full_like(made[0], NOT_YET_MADE)
    return np.stack([*made, *[missing] * (count - len(made))])
