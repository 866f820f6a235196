# SPDX-License-Identifier: GPL-3.0-or-later
"""What a weights file holds, read without torch and without running anything in it.

A download is looked at here before it may lie in the weights folder: whole, of a known kind, with tensors that fit in
the file. Its first bytes alone tell an error page.
"""

from dataclasses import dataclass
from math import prod
from pathlib import Path

from ..errors import BrokenWeights
from . import safetensors_header, torch_zip

START_BYTES = 16
PAGE_STARTS = (b"<", b"{", b"[", b"\xef\xbb\xbf")


@dataclass(frozen=True)
class Contents:
    """The tensors of a file.

    Attributes:
        shapes: of each, by name.
    """

    shapes: dict[str, tuple[int, ...]]

    @property
    def numbers(self) -> int:
        """How many numbers the tensors hold together."""
        return sum(prod(shape) for shape in self.shapes.values())


def contents_of(path: Path, name: str = "") -> Contents:
    """What a file says that it holds, checked against the file itself.

    Args:
        path: The file.
        name: What messages call it; "" for its own name.

    Raises:
        BrokenWeights: It is of no known kind, cut short, damaged, lies about its sizes, or asks for code to be run.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    problem = problem_of_start(start)
    if problem:
        raise BrokenWeights(f"{name or path.name} {problem}.")
    reader = torch_zip if start.startswith(torch_zip.MAGIC) else safetensors_header
    return Contents(reader.shapes_in(path, name or path.name))


def problem_of_start(start: bytes) -> str | None:
    """What a file's first 16 bytes give away, to be said after its name; None where they look right."""
    if start.startswith(torch_zip.MAGIC) or safetensors_header.is_start(start):
        return None
    if start.lstrip().startswith(PAGE_STARTS):
        return "is a page of text, not weights"
    return "is of no kind that holds weights" if len(start) == START_BYTES else "is empty or cut short"
