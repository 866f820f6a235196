# SPDX-License-Identifier: GPL-3.0-or-later
"""List the tensors of a weights file, without torch and without running anything in it.

Every download is checked here before it enters the weights folder: complete, of a known format, with tensors that fit
in the file. The first bytes alone identify an error page.
"""

from dataclasses import dataclass
from math import prod
from pathlib import Path

from ..errors import BrokenWeights
from . import safetensors_header, torch_zip

SIGNATURE_BYTES = 16
TEXT_STARTS = (b"<", b"{", b"[", b"\xef\xbb\xbf")


@dataclass(frozen=True)
class Contents:
    """The tensors of a file.

    Attributes:
        shapes: tensor shapes by name.
    """

    shapes: dict[str, tuple[int, ...]]

    @property
    def parameter_count(self) -> int:
        """The number of parameters in all tensors."""
        return sum(prod(shape) for shape in self.shapes.values())


def read_contents(path: Path, name: str = "") -> Contents:
    """Read the names and shapes in a file and check them against its size.

    Args:
        path: The file.
        name: Name of the file in messages; "" for its own.

    Raises:
        BrokenWeights: It is of an unknown format, truncated, corrupt, has invalid sizes, or would run code.
    """
    with path.open("rb") as file:
        start = file.read(SIGNATURE_BYTES)
    problem = signature_problem(start)
    if problem:
        raise BrokenWeights(f"{name or path.name} {problem}.")
    reader = torch_zip if start.startswith(torch_zip.MAGIC) else safetensors_header
    return Contents(reader.read_shapes(path, name or path.name))


def signature_problem(start: bytes) -> str | None:
    """Return the problem that a file's first 16 bytes show, to follow its name in a sentence, or None."""
    if start.startswith(torch_zip.MAGIC) or safetensors_header.has_signature(start):
        return None
    if start.lstrip().startswith(TEXT_STARTS):
        return "is a web page or text, not weights"
    return "is not in a known weights format" if len(start) == SIGNATURE_BYTES else "is empty or truncated"
