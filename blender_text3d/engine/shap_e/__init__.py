# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E: text or image to latent, latent to the weights of a field, field to mesh."""
