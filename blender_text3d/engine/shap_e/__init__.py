# SPDX-License-Identifier: GPL-3.0-or-later
"""Shap-E: text to a latent, a latent to the weights of a field, the field to a mesh."""
