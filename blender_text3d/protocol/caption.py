# SPDX-License-Identifier: GPL-3.0-or-later
"""The object that a small model recognized in an image, which the job's notice names."""

import re
from collections.abc import Iterable

from .events import Event, Notice
from .models import family
from .request import Request

CAPTION = re.compile(r"(?:Recognized|Using|Seen in the picture): (an? [^.:;]+)\.")
"""The last form is that of version 0.1.0."""

ELLIPSIS = "…"
MAX_COMPARED_BYTES = 63 - len(" (Point-E).001")
"""Longest name before the family: Blender 4.2 cuts object names after 63 bytes, its own number included."""
MAX_ALTERNATIVES = 3
"""Each is a button in the panel, and the message may come from somebody else."""


def recognized_caption(message: str) -> str:
    """Return the caption in a notice on an image, such as "a blue mug", or ""."""
    match = CAPTION.search(message)
    return match[1] if match else ""


def alternative_captions(message: str) -> tuple[str, ...]:
    """Return what else may be in an image, likeliest first, such as ("a red bed", "a red table"); () if it is sure."""
    match = re.search(r"Not sure: it looks like ([^.:;]+)\. Using: (an? [^.:;]+)\.", message)
    if not match:
        return ()
    first, *others = (part.partition(" ")[2] for part in re.split(", | or ", match[1]))
    words = match[2].partition(" with ")[0].removesuffix(first)
    return tuple(words + kind for kind in (first, *others)[:MAX_ALTERNATIVES]) if words != match[2] else ()


def result_name(request: Request, events: Iterable[Event], default: str = "") -> str:
    """Return the name of a job's objects: what was recognized in its image, else the prompt, of a blend the nearer one.

    Of compared jobs, which have one prompt, it ends with the family of the model.

    Args:
        request: The request; with an image, its prompt is the name of the image file.
        events: Events of the job.
        default: The name if these events do not change it; "" for the prompt.
    """
    messages = (event.message for event in events if request.image and isinstance(event, Notice))
    caption = next(filter(None, map(recognized_caption, messages)), "")
    if default and not caption:
        return default
    name = caption or (request.blend_prompt if request.blend_strength > 0.5 else request.prompt)
    return f"{shortened(name, MAX_COMPARED_BYTES)} ({family(request.model)})" if request.comparison else name


def shortened(name: str, max_bytes: int) -> str:
    """Return a name of at most so many bytes in UTF-8, with an ellipsis if its end is missing."""
    encoded = name.encode(errors="replace")
    if len(encoded) <= max_bytes:
        return name
    return encoded[: max_bytes - len(ELLIPSIS.encode())].decode(errors="ignore").rstrip() + ELLIPSIS
