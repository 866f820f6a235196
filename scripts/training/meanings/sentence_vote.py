# SPDX-License-Identifier: GPL-3.0-or-later
"""The vote of the sentence model: how much a word feels like each label, judged by a regression that never saw it."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

FOLDS, STEPS, INVERSE_PENALTY = 3, 60, 20.0


def votes(features: np.ndarray, labels: Sequence[str], targets: dict[int, str], seed: int = 0) -> np.ndarray:
    """Return the probability of each label for each word.

    Args:
        features: `(N, C) float32`, the words' embeddings.
        labels: The L labels.
        targets: Label of the words whose meaning is beyond doubt, by their row.
        seed: Seed of the folds.

    Returns:
        `(N, L) float32`; a word with a target is judged by a regression that was fitted without it.
    """
    rows = np.array(sorted(targets))
    numbers = torch.tensor([labels.index(targets[row]) for row in rows])
    folds = np.random.default_rng(seed).integers(0, FOLDS, len(rows))
    inputs, out = torch.from_numpy(features), np.zeros((len(features), len(labels)), np.float32)
    others = np.setdiff1d(np.arange(len(features)), rows)
    for fold in range(FOLDS):
        kept = folds != fold
        weight, bias = fitted(inputs[rows[kept]], numbers[kept], len(labels))
        judged = rows[~kept]
        out[judged] = F.softmax(inputs[judged] @ weight + bias, 1).numpy()
        out[others] += F.softmax(inputs[others] @ weight + bias, 1).numpy() / FOLDS
    return out


def fitted(inputs: torch.Tensor, numbers: torch.Tensor, labels: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return weight and bias of a logistic regression. Source: Hastie et al. 2009, "Elements", section 4.4."""
    weight = torch.zeros(inputs.shape[1], labels, requires_grad=True)
    bias = torch.zeros(labels, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], lr=1, max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(inputs @ weight + bias, numbers, reduction="sum")
        value = value + weight.square().sum() / (2 * INVERSE_PENALTY)
        value.backward()
        return value

    optimizer.step(loss)
    return weight.detach(), bias.detach()
