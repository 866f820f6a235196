# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the small models' image tower, stored in its weights file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from ..weights.errors import BrokenWeights

METADATA_KEY = "words"


@dataclass(frozen=True)
class ImageVocabulary:
    """Words in the order of the tower's outputs.

    Attributes:
        categories: kinds of objects.
        sizes: size words; "" is ordinary.
        colors: colors of a part.
        roles: roles of a part in an object; the first is the main part, whose color is the object's.
        parts: by category and role, the part's word and its default colors; if it has none, the main color.
    """

    categories: tuple[str, ...]
    sizes: tuple[str, ...]
    colors: tuple[str, ...]
    roles: tuple[str, ...]
    parts: dict[str, dict[str, tuple[str, tuple[str, ...]]]]

    def metadata(self) -> dict[str, str]:
        """Return them as metadata of a weights file."""
        return {METADATA_KEY: json.dumps(asdict(self))}

    @classmethod
    def read(cls, path: Path) -> "ImageVocabulary":
        """Read the words of a weights file.

        Raises:
            BrokenWeights: The file is missing or corrupt, or has no words.
        """
        try:
            with safe_open(path, "pt") as file:
                values = json.loads((file.metadata() or {})[METADATA_KEY])
            lists = {name: tuple(values[name]) for name in ("categories", "sizes", "colors", "roles")}
            return cls(**lists, parts={kind: _parts(roles) for kind, roles in values["parts"].items()})
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise BrokenWeights(
                f"The weights file {path} is missing, corrupt or without a vocabulary ({error}). Reinstall the add-on."
            ) from error


def _parts(roles: dict[str, list]) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {role: (word, tuple(colors)) for role, (word, colors) in roles.items()}
