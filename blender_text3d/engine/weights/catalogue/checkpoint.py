# SPDX-License-Identifier: GPL-3.0-or-later
"""Catalogue entries of checkpoints: their files, URLs, and how to identify them."""

from dataclasses import dataclass

OFFICIAL, TRANSMITTER, DIFFUSERS, TRANSFORMERS = "official", "transmitter", "diffusers", "transformers"


@dataclass(frozen=True)
class Address:
    """A URL of a file.

    Attributes:
        url: https URL.
        owner: name of the host in messages.
    """

    url: str
    owner: str


@dataclass(frozen=True)
class CheckpointFile:
    """One file with a complete checkpoint. All variants of a checkpoint have the same parameters.

    Attributes:
        path: relative path in the weights folder and on a mirror, e.g. "shap-e/text_cond.pt".
        layout: library whose tensor names it has: "official", "transmitter" (the official decoder inside the official
            encoder's file), "diffusers" or "transformers".
        addresses: URLs in the order to try.
        parameter_count: least number of parameters in its tensors.
        bytes_per_parameter: size of one parameter.
        size: bytes of the file; 0 if not published.
        sha256: hash that the makers publish; a file with another hash is refused. "" if they publish none.
        copied_sha256: hash of a public copy; a file with another hash is accepted with a notice.
        tensor_count: number of tensors; 0 if unknown.
        required_tensors: names that it must contain, to identify it among files of the same name.
        forbidden_tensors: names that it must not contain.
        heads: attention heads, for a layout with separate queries, keys and values.
        relatives: other networks that are easily taken for it: numbers of parameters and descriptions.
    """

    path: str
    layout: str
    addresses: tuple[Address, ...]
    parameter_count: int
    bytes_per_parameter: int = 4
    size: int = 0
    sha256: str = ""
    copied_sha256: str = ""
    tensor_count: int = 0
    required_tensors: tuple[str, ...] = ()
    forbidden_tensors: tuple[str, ...] = ()
    heads: int = 0
    relatives: tuple[tuple[int, str], ...] = ()

    @property
    def name(self) -> str:
        """The file's name without folders."""
        return self.path.rpartition("/")[2]

    @property
    def expected_bytes(self) -> int:
        """The published size, or the bytes of the parameters alone."""
        return self.size or self.parameter_count * self.bytes_per_parameter


@dataclass(frozen=True)
class Checkpoint:
    """One trained network, in all variants that are published.

    Attributes:
        name: identifier in requests, on the command line and in messages, e.g. "shap-e/text300M".
        about: its purpose in a few words.
        variants: files, best first.
        license: SPDX name.
        card: URL of the makers' model card.
        warning: summary of the limits in that card.
    """

    name: str
    about: str
    variants: tuple[CheckpointFile, ...]
    license: str
    card: str
    warning: str
