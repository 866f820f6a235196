# SPDX-License-Identifier: GPL-3.0-or-later
"""Optimizers, learning rates and running averages of the training runs."""

import math

import torch
from torch import nn

NOT_HIDDEN = ("embed", "latents", "pos_emb", "input_proj", "output_proj", "params_proj")


def split_parameters(networks):
    """Return (matrices of hidden layers, all other parameters) of some networks."""
    hidden, others = [], []
    for network in networks:
        for name, parameter in network.named_parameters():
            is_hidden = parameter.ndim == 2 and not any(word in name for word in NOT_HIDDEN)
            (hidden if is_hidden else others).append(parameter)
    return hidden, others


def optimizers(networks, rate, muon_rate=None):
    """Return AdamW for all parameters or, with a `muon_rate`, Muon for hidden matrices and AdamW for the rest."""
    hidden, others = split_parameters(networks)
    if muon_rate is None:
        return [torch.optim.AdamW(hidden + others, lr=rate, betas=(0.9, 0.99), weight_decay=1e-4)]
    return [
        torch.optim.Muon(hidden, lr=muon_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.99), weight_decay=1e-4),
    ]


def rate_factor(share, warm_up=0.01, hold=0.4):
    """Return the learning rate factor at a share 0..1 of the run: warm-up, constant, then half a cosine to 0."""
    if share < warm_up:
        return share / warm_up
    if share < hold:
        return 1.0
    return 0.5 * (1.0 + math.cos(math.pi * min(1.0, (share - hold) / (1.0 - hold)))) + 0.002


def set_rates(optimizers_, rates, factor):
    """Scale the base rate of each optimizer."""
    for optimizer, rate in zip(optimizers_, rates, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * factor


class RunningAverage:
    """Exponential moving average of a network's parameters."""

    def __init__(self, network: nn.Module, decay: float):
        self.decay, self.network = decay, network
        self.shadow = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self):
        """Update the average with the current parameters."""
        for name, value in self.network.state_dict().items():
            self.shadow[name].lerp_(value, 1.0 - self.decay)
