# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of a pipeline's call, and sentences on what the pipeline leaves out of the request."""

import inspect
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .diffusers_folder import BadPipeline

NEEDED = ("prompt", "height", "width")
OTHER_INPUTS = ("image", "mask_image", "video", "num_frames", "image_embeds", "control_image", "audio_length_in_s")
DEFAULT_STEPS = 50
FEW_STEPS = 4
"""Steps of weights that are distilled to a few."""
DRAFT_SHARE = 0.5
MAX_SHOWN_CHARACTERS = 80
MAX_TOKENIZER_TOKENS = 100_000
"""Tokenizers without a limit of their own name an astronomic one."""


@dataclass(frozen=True)
class CallSettings:
    """Arguments of a pipeline's call besides prompt and generator.

    Attributes:
        arguments: Keyword arguments.
        notices: Sentences for the user.
    """

    arguments: dict[str, Any]
    notices: tuple[str, ...]

    @property
    def steps(self) -> int:
        """Number of denoising steps."""
        return int(self.arguments["num_inference_steps"])


def require_text_to_image(class_name: str, call: Callable[..., Any]) -> None:
    """Check by a pipeline's signature that it makes a picture of a text alone.

    Raises:
        BadPipeline: It does not.
    """
    parameters = inspect.signature(call).parameters
    other = [name for name in OTHER_INPUTS if name in parameters]
    if other or not all(name in parameters for name in NEEDED):
        why = f"it takes {other[0].replace('_', ' ')}" if other else "it does not take a prompt and a size"
        raise BadPipeline(
            f"{class_name} does not make an image from text alone: {why}. Choose a text-to-image pipeline."
        )


def call_settings(
    pipeline: Any, quality: str, guidance: float | None, negative_prompt: str = "", size: int = 0
) -> CallSettings:
    """Return the arguments of a call.

    Args:
        pipeline: A loaded pipeline.
        quality: "draft", "standard" or "exact".
        guidance: Guidance scale, or None for the pipeline's own.
        negative_prompt: Text that the picture should not show, or "".
        size: Side of the picture in pixels, or 0 for the pipeline's own.
    """
    parameters = inspect.signature(pipeline.__call__).parameters
    steps, own_guidance = _own_sampling(pipeline, parameters)
    if quality == "draft" and steps > FEW_STEPS:
        steps = round(DRAFT_SHARE * steps)
    arguments: dict[str, Any] = {"num_inference_steps": steps, "output_type": "np"}
    scale = own_guidance if guidance is None else guidance
    if scale is not None and "guidance_scale" in parameters:
        arguments["guidance_scale"] = scale
    if size:
        arguments |= {"height": size, "width": size}
    notices = []
    if negative_prompt and (problem := _negative_problem(pipeline, parameters, scale)):
        notices.append(problem)
    elif negative_prompt:
        arguments["negative_prompt"] = negative_prompt
    return CallSettings(arguments, tuple(notices))


def _own_sampling(pipeline: Any, parameters: Any) -> tuple[int, float | None]:
    """Return steps and guidance as the pipeline's authors chose them; distilled weights need few of the first."""
    steps, guidance = _default(parameters, "num_inference_steps", DEFAULT_STEPS), None
    if type(pipeline).__name__ == "FluxPipeline" and not pipeline.transformer.config.guidance_embeds:
        return FEW_STEPS, 0.0
    if type(pipeline.scheduler).__name__ == "LCMScheduler":
        return min(steps, FEW_STEPS), 1.0
    return steps, guidance if "guidance_scale" not in parameters else _default(parameters, "guidance_scale", None)


def _default(parameters: Any, name: str, otherwise: Any) -> Any:
    value = parameters[name].default if name in parameters else None
    return otherwise if value is None or value is inspect.Parameter.empty else value


def _negative_problem(pipeline: Any, parameters: Any, guidance: float | None) -> str:
    """Return why a negative prompt has no effect, or "": without guidance, pipelines ignore it silently."""
    name = type(pipeline).__name__
    if "negative_prompt" not in parameters:
        return f"{name} has no negative prompt, so yours is left out."
    true_scale = _default(parameters, "true_cfg_scale", None)
    scale = true_scale if true_scale is not None else guidance
    if scale is not None and scale <= 1:
        return f"A negative prompt has no effect at the guidance of {name}, so yours is left out."
    return ""


def dropped_text(pipeline: Any, prompt: str) -> str:
    """Return the last words of a prompt that no text encoder of a pipeline reads completely, or ""."""
    words = prompt.split()
    counts = [_words_within(*found, words) for found in _tokenizers(pipeline)]
    return " ".join(words[max(counts) :]) if counts else ""


def dropped_notice(pipeline: Any, prompt: str) -> str:
    """Return a sentence about the end of a prompt that is not read, or ""."""
    end = dropped_text(pipeline, prompt)
    shown = end if len(end) <= MAX_SHOWN_CHARACTERS else f"{end[: MAX_SHOWN_CHARACTERS - 1]}…"
    return f'The prompt is too long for {type(pipeline).__name__}; it does not read "{shown}".' if end else ""


def _tokenizers(pipeline: Any) -> list[tuple[Any, int]]:
    """Return the tokenizers with the tokens that each text encoder reads: T5 reads as many as the call asks for."""
    parameters = inspect.signature(pipeline.__call__).parameters
    asked = _default(parameters, "max_sequence_length", None)
    found = []
    for name, component in pipeline.components.items():
        if not (name.startswith("tokenizer") and component is not None):
            continue
        limit = getattr(component, "model_max_length", MAX_TOKENIZER_TOKENS)
        is_clip = "CLIP" in type(component).__name__
        found.append((component, limit if is_clip or asked is None else asked))
    return [(tokenizer, limit) for tokenizer, limit in found if limit < MAX_TOKENIZER_TOKENS]


def _words_within(tokenizer: Any, limit: int, words: list[str]) -> int:
    """Return the largest number of words that a tokenizer turns into no more than this many tokens."""

    def is_too_long(count: int) -> bool:
        return len(tokenizer(" ".join(words[:count]), verbose=False)["input_ids"]) > limit

    if not is_too_long(len(words)):
        return len(words)
    return bisect_left(range(len(words) + 1), True, key=is_too_long) - 1
