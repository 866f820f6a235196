# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt or image to the numbers a network is conditioned on."""
