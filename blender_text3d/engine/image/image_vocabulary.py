# SPDX-License-Identifier: GPL-3.0-or-later
"""The words that the small models' image tower may say of a picture, kept in its weights file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..weights.errors import BrokenWeights

KEY = "words"
"""Under which they stand among the file's metadata."""


@dataclass(frozen=True)
class PictureWords:
    """Words in the order of the tower's answers.

    Attributes:
        categories: what a thing may be.
        sizes: how it may be built; "" is ordinary.
        colors: of a part.
        roles: what a part may be to a thing; first the main one, whose colour is the thing's.
        parts: category -> role -> (the part's word, the colours it has where nobody names one; none: the main colour).
    """

    categories: tuple[str, ...]
    sizes: tuple[str, ...]
    colors: tuple[str, ...]
    roles: tuple[str, ...]
    parts: dict[str, dict[str, tuple[str, tuple[str, ...]]]]

    def metadata(self) -> dict[str, str]:
        """What a weights file holds of them."""
        return {KEY: json.dumps(asdict(self))}

    @classmethod
    def read(cls, path: Path) -> "PictureWords":
        """The words of a weights file.

        Raises:
            BrokenWeights: the file is missing, damaged or holds no words.
        """
        try:
            with safe_open(path, "pt") as file:
                values = json.loads((file.metadata() or {})[KEY])
            lists = {name: tuple(values[name]) for name in ("categories", "sizes", "colors", "roles")}
            return cls(**lists, parts={kind: _parts(roles) for kind, roles in values["parts"].items()})
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise BrokenWeights(
                f"The weights file {path} is missing, damaged or says no words ({error}). Install the add-on again."
            ) from error


def _parts(roles: dict[str, list]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {role: (word, tuple(usual)) for role, (word, usual) in roles.items()}
