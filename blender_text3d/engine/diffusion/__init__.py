# SPDX-License-Identifier: GPL-3.0-or-later
"""Diffusion sampling: noise schedules, the denoiser around a network, guidance and solvers."""
