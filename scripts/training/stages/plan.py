# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a training: the stages of some models and all stages that those need, in order."""

from . import evaluation, images, point_e, shap_e
from .stage import Choices, Stage

MODELS = ("shap-e", "point-e", "tower", "glide")
EVALUATION = "evaluation"
PROCESSOR = "two cores of an Intel Xeon of 2023 (Sapphire Rapids, with AMX)"


def all_stages(choices: Choices) -> list[Stage]:
    """Return every stage after those that it needs."""
    measures = [stage for stages in evaluation.stages(choices).values() for stage in stages]
    return [
        *shap_e.data_stages(choices),
        *shap_e.stages(choices),
        *point_e.stages(choices),
        *images.tower_stages(choices),
        *images.glide_stages(choices),
        evaluation.classifier_stage(choices),
        *measures,
    ]


def plan(models: list[str], choices: Choices) -> list[Stage]:
    """Return the stages of some models, of which "evaluation" measures the others, and the stages that those need.

    Args:
        models: names out of `MODELS` and `EVALUATION`.
        choices: of the user.
    """
    stages = all_stages(choices)
    wanted = {
        stage.name for stage in stages if stage.name.split(".")[0] in models and stage.name.split(".")[0] in MODELS
    }
    if EVALUATION in models:
        wanted |= {stage.name for model, own in evaluation.stages(choices).items() if model in models for stage in own}
    makers = {path: stage for stage in stages for path in stage.outputs}
    for stage in reversed(stages):
        if stage.name in wanted:
            wanted |= {makers[path].name for path in stage.inputs}
    return [stage for stage in stages if stage.name in wanted]
