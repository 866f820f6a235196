# SPDX-License-Identifier: GPL-3.0-or-later
"""The official point_e and shap_e packages behind our doors, where they are installed; imported when first used."""
