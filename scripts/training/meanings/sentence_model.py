# SPDX-License-Identifier: GPL-3.0-or-later
"""Embeddings of phrases by all-MiniLM-L6-v2: a BERT of six layers whose token vectors are averaged.

Source: Devlin et al. 2019, "BERT", for the layers; Wang et al. 2020, "MiniLM"; the model card, for the average.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

HEADS, LAYERS, EPSILON = 12, 6, 1e-12
CLS, SEP, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
BATCH = 256


class SentenceModel:
    """Phrases to unit vectors.

    Args:
        folder: The folder with `model.safetensors` and `vocab.txt`.
    """

    def __init__(self, folder: Path):
        self.weights = load_file(folder / "model.safetensors")
        lines = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
        self.ids = {token: number for number, token in enumerate(lines)}

    @torch.inference_mode()
    def embed(self, phrases: Sequence[str]) -> np.ndarray:
        """`(N,)` phrases -> `(N, 384) float32` of unit length."""
        ids = [[self.ids[CLS], *self.tokens(phrase), self.ids[SEP]] for phrase in phrases]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = np.zeros((len(ids), 384), np.float32)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            out[rows] = self.forward([ids[row] for row in rows]).numpy()
        return out

    def tokens(self, phrase: str) -> list[int]:
        """Return the word pieces of a phrase: of every word the longest known beginnings."""
        folded = unicodedata.normalize("NFD", phrase.lower())
        words = "".join(c for c in folded if unicodedata.category(c) != "Mn").replace("-", " - ").split()
        return [piece for word in words for piece in self.pieces(word)]

    def pieces(self, word: str) -> list[int]:
        """Return the pieces of one word."""
        found, start = [], 0
        while start < len(word):
            ends = range(len(word), start, -1)
            prefix = "##" if start else ""
            end = next((end for end in ends if prefix + word[start:end] in self.ids), None)
            if end is None:
                return [self.ids[UNKNOWN]]
            found.append(self.ids[prefix + word[start:end]])
            start = end
        return found

    def forward(self, ids: list[list[int]]) -> torch.Tensor:
        """Return the vectors of tokenized phrases."""
        length = max(map(len, ids))
        tokens = torch.tensor([row + [0] * (length - len(row)) for row in ids])
        mask = torch.tensor([[1.0] * len(row) + [0.0] * (length - len(row)) for row in ids])
        w = self.weights
        h = w["embeddings.word_embeddings.weight"][tokens] + w["embeddings.position_embeddings.weight"][:length]
        h = self.norm(h + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        hidden = (1 - mask)[:, None, None] * -1e9
        for layer in range(LAYERS):
            h = self.layer(h, hidden, f"encoder.layer.{layer}.")
        mean = (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return F.normalize(mean, dim=-1)

    def layer(self, h: torch.Tensor, hidden: torch.Tensor, name: str) -> torch.Tensor:
        """Return `(B, T, 384)` after one layer: attention, then two linear layers, each added and normalized."""
        q, k, v = (self.heads(self.linear(h, f"{name}attention.self.{part}")) for part in ("query", "key", "value"))
        read = F.scaled_dot_product_attention(q, k, v, hidden).transpose(1, 2).flatten(2)
        h = self.norm(h + self.linear(read, f"{name}attention.output.dense"), f"{name}attention.output.LayerNorm")
        wide = F.gelu(self.linear(h, f"{name}intermediate.dense"))
        return self.norm(h + self.linear(wide, f"{name}output.dense"), f"{name}output.LayerNorm")

    def heads(self, h: torch.Tensor) -> torch.Tensor:
        """`(B, T, 384)` -> `(B, heads, T, 32)`."""
        return h.unflatten(2, (HEADS, -1)).transpose(1, 2)

    def linear(self, h: torch.Tensor, name: str) -> torch.Tensor:
        """Return a linear layer's output."""
        return F.linear(h, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def norm(self, h: torch.Tensor, name: str) -> torch.Tensor:
        """Return a normalized layer."""
        return F.layer_norm(h, (384,), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], EPSILON)
