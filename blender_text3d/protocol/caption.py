# SPDX-License-Identifier: GPL-3.0-or-later
"""The object that a small model recognized in an image, which the job's notice names."""

import re
from collections.abc import Iterable

from .events import Event, Notice
from .models import family
from .request import Request

WORDS = r"((?:an? [^.:;]|(?:\w+ ){0,2}glasses\b)[^.:;]*)\."
"""A caption and its period; only glasses have no article."""
CAPTION = re.compile(f"(?:Recognized|Using|Seen in the picture): {WORDS}")
"""The last form is that of version 0.1.0."""
UNSURE = re.compile(rf"Not sure: it looks like ([^.:;]+)\. Using: {WORDS}")

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
    match = UNSURE.search(message)
    if not match:
        return ()
    kinds, whole = [without_article(part) for part in re.split(", | or ", match[1])], match[2].partition(" with ")[0]
    words = without_article(whole).removesuffix(kinds[0])
    if words == without_article(whole):
        return ()
    return tuple(with_article(words + kind) for kind in kinds[:MAX_ALTERNATIVES])


def without_article(words: str) -> str:
    """Return words without the indefinite article before them."""
    return re.sub(r"\Aan? ", "", words)


def with_article(words: str) -> str:
    """Return words with the indefinite article, which glasses have none of."""
    return words if words.endswith("glasses") else f"{'an' if words[:1] in 'aeiou' else 'a'} {words}"


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
