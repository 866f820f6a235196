# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's own code behind our doors, as a user sees it: to compare with, slow, and not installed by Set Up.

These are always listed, since nothing here may look into the worker's environment; where the packages are not
installed there, a job says how to install them. They have one solver, the official one, at every quality.
"""

from types import MappingProxyType

from .model_info import OUTPUTS, ModelInfo, Sampling

NOTE = "Runs OpenAI's own code, if it is installed: many times slower than ours, to compare with."
STEPS = {"draft": 16, "standard": 25, "exact": 64}


def reference(
    name: str,
    label: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    guidance: float,
    grid: int,
    typical_s: float,
) -> ModelInfo:
    """One of the official pipelines."""
    qualities = MappingProxyType({quality: Sampling(steps, guidance, grid) for quality, steps in STEPS.items()})
    label = f"{label} (official code, if installed)"
    return ModelInfo(f"reference/{name}", label, inputs, outputs, qualities, NOTE, typical_s)


REFERENCE = (
    reference("shap-e-text", "Shap-E", ("text",), ("mesh",), 15.0, 128, 900.0),
    reference("point-e-text", "Point-E", ("text",), OUTPUTS, 3.0, 32, 1000.0),
    reference("shap-e-image", "Shap-E, of a picture", ("image",), ("mesh",), 3.0, 128, 1000.0),
    reference("point-e-image", "Point-E, of a picture", ("image",), OUTPUTS, 3.0, 32, 1900.0),
)
