# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages that measure the trained models, with the classifier that judges them."""

from typing import Any

from .images import GLIDE, TEST_IMAGES, TOWER
from .point_e import DISTILLED as DISTILLED_POINT_E
from .point_e import DRAFT as DRAFT_POINT_E
from .point_e import POINT_E, TEST_PLACES
from .shap_e import CLASSIFIER_DATA, DISTILLED, DRAFT, SHAP_E, TEST, VOCABULARY, WORDS
from .stage import Choices, Read, Stage, Write

CLASSIFIER = "checkpoints/classifier.pt"
SHAP_E_WEIGHTS = (VOCABULARY, WORDS, SHAP_E, DISTILLED, DRAFT)
POINT_E_WEIGHTS = (VOCABULARY, WORDS, POINT_E, DISTILLED_POINT_E, DRAFT_POINT_E)


def classifier_stage(choices: Choices) -> Stage:
    """Return the training of the classifier of colored clouds."""
    data = Read(CLASSIFIER_DATA), Read(TEST), Write(CLASSIFIER)
    arguments = *data, *choices.training(7300), *choices.acceleration
    return Stage("evaluation.classifier", "evaluate.classifier", arguments, 0.5, (VOCABULARY,), resumes=True)


def stages(choices: Choices) -> dict[str, list[Stage]]:
    """Return the evaluations of each model."""
    return {
        "shap-e": shap_e_stages(choices),
        "point-e": [point_e_stage(choices)],
        "tower": [image_stage(choices)],
        "glide": [view_stage(choices)],
    }


def prompts_of(choices: Choices) -> tuple[Any, ...]:
    """Return the options that say how many prompts are made, and by how many processes."""
    few = ("--samples", 1, "--every", 100, "--grid", 12) if choices.is_tiny else ()
    return *few, *choices.workers


def shap_e_stages(choices: Choices) -> list[Stage]:
    """Return the evaluations of Shap-E's objects and of its autoencoder, and a sheet to look at."""
    objects = Read(CLASSIFIER), "--out", Write("reports/shap_e.json"), *prompts_of(choices)
    shapes = "--out", Write("reports/reconstruction.json"), *choices.of((), ("--shapes", 2, "--points", 512))
    sheet = Write("reports/sheet.png"), *choices.of((), ("--every", 48))
    return [
        Stage("evaluation.shap-e", "evaluate.shap_e", objects, 0.3, SHAP_E_WEIGHTS),
        Stage("evaluation.reconstruction", "evaluate.reconstruction", shapes, 0.2, SHAP_E_WEIGHTS),
        Stage("evaluation.sheet", "images.make_contact_sheet", sheet, 0.03, SHAP_E_WEIGHTS),
    ]


def point_e_stage(choices: Choices) -> Stage:
    """Return the evaluation of Point-E's objects and of its stages."""
    out = Read(CLASSIFIER), "--test", Read(TEST), "--out", Write("reports/point_e.json")
    few = choices.of((), ("--steps", 2, "--shapes", 2))
    arguments = *out, *prompts_of(choices), *few, "--test-places", Read(TEST_PLACES)
    return Stage("evaluation.point-e", "evaluate.point_e", arguments, 0.5, POINT_E_WEIGHTS)


def image_stage(choices: Choices) -> Stage:
    """Return the evaluation of the image tower."""
    out = "--out", Write("reports/tower.json"), "--sheet", Write("reports/tower.png")
    few = ("--count", 3, "--shown", 2, "--grid", 12) if choices.is_tiny else ()
    arguments = Read(CLASSIFIER), Read(TEST_IMAGES), *out, *few, "--threads", choices.cores
    return Stage("evaluation.tower", "evaluate.tower", arguments, 0.3, (*SHAP_E_WEIGHTS, TOWER))


def view_stage(choices: Choices) -> Stage:
    """Return the evaluation of the small GLIDE, whose views the tower reads; of five prompts of a kind, one or two."""
    out = "--out", Write("reports/views.json"), "--sheet", Write("reports/views.png")
    few = ("--every", 200, "--seeds", 1, "--grid", 12) if choices.is_tiny else ("--every", 3)
    arguments = Read(CLASSIFIER), *out, *few, "--threads", choices.cores
    return Stage("evaluation.glide", "evaluate.views", arguments, 0.6, (*SHAP_E_WEIGHTS, TOWER, GLIDE))
