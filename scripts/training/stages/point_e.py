# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages of the small Point-E, which shares Shap-E's word encoder."""

from .shap_e import PRIORS, TEST, TRAIN, VOCABULARY, WORDS
from .stage import Choices, Read, Stage, Write

PLACES, TEST_PLACES, TEMPLATE = "places/train", "places/test", "places/template.npy"
BASE, UPSAMPLER = "checkpoints/point_e_base.pt", "checkpoints/point_e_upsampler.pt"
SDF_EXACT, SDF = "checkpoints/point_e_sdf_exact.pt", "checkpoints/point_e_sdf.pt"
POINT_E = "weights/point_e.safetensors"


def stages(choices: Choices) -> list[Stage]:
    """Return the stages from the order of the points to the weights."""
    return [*ordering_stages(), *cloud_stages(choices), *sdf_stages(choices)]


def ordering_stages() -> list[Stage]:
    """Return the point orders; the first one makes the template of both."""
    module, arguments = "data.point_ordering", (Read(TRAIN), Write(PLACES), "--template", Write(TEMPLATE))
    test = Read(TEST), Write(TEST_PLACES), "--template", Read(TEMPLATE)
    return [
        Stage("point-e.point-order", module, arguments, 0.25, resumes=True, gigabytes=0.06),
        Stage("point-e.test-point-order", module, test, 0.01, resumes=True, gigabytes=0.001),
    ]


def cloud_stages(choices: Choices) -> list[Stage]:
    """Return the networks that make coarse and fine clouds."""
    measured = "--test", Read(TEST), "--test-places", Read(TEST_PLACES), "--muon-rate", 1e-3
    base = "--batch", choices.of(16, 4), "--text", Read(PRIORS[0]), *choices.training(22_000), *choices.acceleration
    upsampler = "--batch", choices.of(16, 4), *choices.training(2200)
    data, reads = (Read(TRAIN), Read(PLACES)), (VOCABULARY, WORDS)
    return [
        Stage(
            "point-e.base",
            "train.point_e_base",
            (*data, Write(BASE), *measured, *base),
            1.0,
            reads,
            resumes=True,
        ),
        Stage(
            "point-e.upsampler",
            "train.point_e_upsampler",
            (*data, Read(BASE), Write(UPSAMPLER), *measured, *upsampler),
            0.6,
            reads,
            resumes=True,
        ),
    ]


def sdf_stages(choices: Choices) -> list[Stage]:
    """Return the signed distance model, on exact clouds, then on reconstructed ones, and the weights of all three."""
    common = "--test", Read(TEST), "--bfloat16", "--batch", choices.of(4, 2)
    clouds = "--places", Read(PLACES), "--base", Read(BASE), "--upsampler", Read(UPSAMPLER)
    start, rate = ("--start", Read(SDF_EXACT)), ("--rate", 1.2e-3)
    exact = *common, *choices.training(9000)
    reconstructed = *common, *start, *clouds, *rate, *choices.training(5000, tiny_steps=6, seed=1)
    module, reads = "train.point_e_sdf", (VOCABULARY, WORDS)
    networks = Read(BASE), Read(UPSAMPLER), Read(SDF)
    return [
        Stage("point-e.sdf-exact", module, (Read(TRAIN), Write(SDF_EXACT), *exact), 0.5, reads, resumes=True),
        Stage("point-e.sdf", module, (Read(TRAIN), Write(SDF), *reconstructed), 0.7, reads, resumes=True),
        Stage("point-e.weights", "train.export_point_e", (*networks, "--out", Write(POINT_E)), 0.001),
    ]
