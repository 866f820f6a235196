# SPDX-License-Identifier: GPL-3.0-or-later
"""From noise to data: noise schedules, the denoiser around a network, guidance and solvers."""
