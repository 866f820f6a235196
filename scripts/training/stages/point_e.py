# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages of the small Point-E, which shares Shap-E's word encoder."""

from .shap_e import OBJECT_CLASSIFIER, PRIORS, TEST, TRAIN, VOCABULARY, WORDS
from .stage import Choices, Read, Stage, Write

PLACES, TEST_PLACES, TEMPLATE = "places/train", "places/test", "places/template.npy"
BASE, UPSAMPLER = "checkpoints/point_e_base.pt", "checkpoints/point_e_upsampler.pt"
SDF_EXACT, SDF = "checkpoints/point_e_sdf_exact.pt", "checkpoints/point_e_sdf.pt"
POINT_E, DISTILLED = "weights/point_e.safetensors", "weights/point_e_distilled.safetensors"
DRAFT = "weights/point_e_draft.safetensors"
TEACHER = (VOCABULARY, WORDS, POINT_E)
RUNS, TEST_RUNS = "runs/point_e_train", "runs/point_e_test"


def stages(choices: Choices) -> list[Stage]:
    """Return the stages from the order of the points to the weights."""
    return [*ordering_stages(), *cloud_stages(choices), *sdf_stages(choices), *distillation_stages(choices)]


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
    measured = "--test", Read(TEST), "--test-places", Read(TEST_PLACES)
    learned = "--muon-rate", 1.5e-3, "--text", Read(PRIORS[0])
    base = *learned, *choices.data_parallel(20_000, 48), *choices.acceleration
    upsampler = "--muon-rate", 1e-3, "--batch", choices.of(16, 4), *choices.training(2200)
    data, reads = (Read(TRAIN), Read(PLACES)), (VOCABULARY, WORDS)
    return [
        Stage(
            "point-e.base",
            "train.point_e_base",
            (*data, Write(BASE), *measured, *base),
            1.4,
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


def distillation_stages(choices: Choices) -> list[Stage]:
    """Return the runs of the base as a teacher, the training of the students, and their weights.

    The classifier from which they learn is not the one that evaluates them, see `shap_e.object_classifier_stages`.
    """
    base, upsampler = "checkpoints/distilled_base.pt", "checkpoints/distilled_upsampler.pt"
    runs, learned = (Read(RUNS), Read(TEST_RUNS)), ("--classifier", Read(OBJECT_CLASSIFIER))
    student = "--batch", choices.of(16, 4), *choices.training(3000), *choices.acceleration
    points = "--batch", choices.of(16, 4), *choices.training(1000), *choices.acceleration
    networks = Read(base), Read(upsampler), "--out", Write(DISTILLED)
    return [
        *run_stages(choices),
        Stage(
            "point-e.distilled-base",
            "train.distilled_point_e",
            (*runs, Write(base), *learned, *student),
            0.4,
            TEACHER,
            resumes=True,
        ),
        Stage(
            "point-e.distilled-upsampler",
            "train.distilled_upsampler",
            (*runs, Write(upsampler), *points),
            0.2,
            TEACHER,
            resumes=True,
        ),
        Stage("point-e.distilled-weights", "train.export_distilled_point_e", networks, 0.001, TEACHER),
        *draft_stages(choices),
    ]


def run_stages(choices: Choices) -> list[Stage]:
    """Return the recordings of the teacher's runs."""
    on_device = "--batch", choices.of(12, 4), "--threads", choices.cores, "--device", choices.device
    options, module = ("--model", "point-e", *on_device, *choices.acceleration), "data.teacher_runs"
    runs = Write(RUNS), "--runs", choices.of(6000, 8), *choices.seeded(1), *options
    test = Write(TEST_RUNS), "--runs", choices.of(120, 4), *choices.seeded(2), *options
    return [
        Stage("point-e.teacher-runs", module, runs, 0.2, TEACHER, resumes=True, gigabytes=0.4),
        Stage("point-e.test-runs", module, test, 0.005, TEACHER, resumes=True, gigabytes=0.01),
    ]


def draft_stages(choices: Choices) -> list[Stage]:
    """Return the training of the update of the distilled base that drafts need, and its export."""
    checkpoint, module = "checkpoints/draft_point_e.pt", "train.draft_point_e"
    batch = "--batch", choices.of(32, 4), "--captions", choices.of(8000, 8)
    options = "--distilled", Read(DISTILLED), "--classifier", Read(OBJECT_CLASSIFIER), *batch
    arguments = Write(checkpoint), *options, *choices.training(1500), *choices.acceleration
    export = Read(checkpoint), "--out", Write(DRAFT)
    return [
        Stage("point-e.draft", module, arguments, 0.2, TEACHER, resumes=True),
        Stage("point-e.draft-weights", "train.export_draft_point_e", export, 0.001, TEACHER),
    ]
