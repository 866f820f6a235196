# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's point_e and shap_e packages behind the engine's interface, if installed; imported on first use."""
