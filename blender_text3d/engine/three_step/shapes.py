# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that make the objects of views."""

SHAPES = {
    "mini/three-step": "mini/shap-e",
    "point-e/three-step": "point-e/base40M",
    "shap-e/three-step": "shap-e/image300M",
}
"""The model that makes the object of the view, by three-step model."""
