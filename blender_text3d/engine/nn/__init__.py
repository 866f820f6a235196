# SPDX-License-Identifier: GPL-3.0-or-later
"""Blocks that Point-E and Shap-E share."""
