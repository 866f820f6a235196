# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a checkpoint before it is here: its files, where they are, how to tell them."""

from dataclasses import dataclass

OFFICIAL, TRANSMITTER, DIFFUSERS, TRANSFORMERS = "official", "transmitter", "diffusers", "transformers"


@dataclass(frozen=True)
class Address:
    """One place on the net that gives a file.

    Attributes:
        url: https.
        owner: who keeps the place, as a message names it.
    """

    url: str
    owner: str


@dataclass(frozen=True)
class CheckpointFile:
    """One file that holds a whole checkpoint. Another form of the same checkpoint holds the same numbers.

    Attributes:
        path: in the weights folder and under a mirror, e.g. "shap-e/text_cond.pt".
        layout: whose tensor names it has: "official", "transmitter" (the official decoder inside the official
            encoder's file), "diffusers" or "transformers".
        addresses: where it is, in the order to try.
        numbers: how many numbers its tensors hold at least.
        bytes_each: of one number.
        size: bytes of the file; 0 where nobody has published them.
        sha256: of the file, published by its makers; a file with another is refused. "" where there is none.
        seen_sha256: of a copy that others fetched; a file with another is taken, and that is said.
        tensors: how many tensors it holds; 0 where that is not known.
        has: tensor names that it must hold, where a stranger of the same name is to be told from it.
        lacks: tensor names that it must not hold.
        heads: attention heads, for a layout that keeps queries, keys and values apart.
    """

    path: str
    layout: str
    addresses: tuple[Address, ...]
    numbers: int
    bytes_each: int = 4
    size: int = 0
    sha256: str = ""
    seen_sha256: str = ""
    tensors: int = 0
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    heads: int = 0

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.rpartition("/")[2]

    @property
    def about_bytes(self) -> int:
        """The file's size, or what its tensors alone need."""
        return self.size or self.numbers * self.bytes_each


@dataclass(frozen=True)
class Checkpoint:
    """One trained network, in every form it is published in.

    Attributes:
        name: in requests, on the command line, in messages: "shap-e/text300M".
        about: what it does, in a few words.
        forms: best first.
        licence: SPDX name.
        card: address of the makers' model card.
        warning: what that card warns of, in our words.
    """

    name: str
    about: str
    forms: tuple[CheckpointFile, ...]
    licence: str
    card: str
    warning: str
