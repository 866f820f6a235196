# SPDX-License-Identifier: GPL-3.0-or-later
"""Choice of jobs that keep their steps, and the cost on disk."""

from .errors import BadRequest
from .models import MODELS, STEPS, ModelInfo, family

KEEP_STEPS = ("auto", "always", "never")
MINI_LATENT_BYTES, LATENT_BYTES = 4_096, 2**21
"""A latent in 16 bits: 2,048 numbers of the small Shap-E, 1,048,576 of the official ones."""
POINT_BYTES = 9
MINI_POINTS, POINTS = (256, 1024), (1024, 4096)
"""Points of the coarse and of the fine stage of Point-E."""
MINI_FINE_STEPS = 4
MAX_AUTO_BYTES = 4 * 2**20


def steps_bytes(model: str, steps: int) -> int:
    """Return the size of steps.npz after so many denoising steps, or 0 for a model that keeps none."""
    is_mini = model.startswith("mini/")
    if not MODELS[model].has_steps:
        return 0
    if family(model) == "Shap-E":
        return steps * (MINI_LATENT_BYTES if is_mini else LATENT_BYTES)
    coarse, fine = MINI_POINTS if is_mini else POINTS
    return POINT_BYTES * (steps * coarse + (MINI_FINE_STEPS if is_mini else steps) * fine)


def keeps_steps(model: str, steps: int, choice: str) -> bool:
    """True if a job that samples keeps its steps: "auto" keeps those that are small."""
    size = steps_bytes(model, steps)
    return choice != "never" and 0 < size <= (size if choice == "always" else MAX_AUTO_BYTES)


def check_steps(model: ModelInfo, *, outputs: str, step: int, latent: str, is_copy: bool) -> None:
    """Check that the model has the step that becomes the object, or latents of steps to decode.

    Raises:
        BadRequest: It does not.
    """
    if step and not model.has_steps:
        raise BadRequest(f"{model.label} does not show its steps. Leave the step out, or choose another model.")
    if step and is_copy and not latent:
        raise BadRequest("A copy of an object has no steps. Leave the step out, or vary the object.")
    if outputs == STEPS and not (latent and model.has_latent):
        raise BadRequest("The output steps needs the steps.npz of a Shap-E job as latent. Choose another output.")
