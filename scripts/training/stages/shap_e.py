# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages of the small Shap-E, and the data that all models share."""

from typing import Any

from .stage import Choices, Read, Stage, Write

TRAIN, TEST, CLASSIFIER_DATA = "data/train", "data/test", "data/classifier"
VOCABULARY, WORDS = "weights/vocabulary.json", "weights/words.safetensors"
SHAP_E, DISTILLED = "weights/shap_e.safetensors", "weights/shap_e_distilled.safetensors"
DRAFT = "weights/shap_e_draft.safetensors"
AUTOENCODER = "checkpoints/autoencoder.pt"
LATENTS, TEST_LATENTS = "latents/train.npz", "latents/test.npz"
LATENT_CLASSIFIER, OBJECT_CLASSIFIER = "checkpoints/latent_classifier.pt", "checkpoints/object_classifier.pt"
SECOND_CLASSIFIER = "checkpoints/object_classifier_2.pt"
PRIORS = tuple(f"checkpoints/prior_{phase}.pt" for phase in range(4))
RUNS, TEST_RUNS = "runs/train", "runs/test"
INVERTED, TEST_INVERTED = "runs/inverted_train", "runs/inverted_test"
TEACHER = (VOCABULARY, WORDS, SHAP_E)
PHASES = "steps", "runs", "objects", "inverted", "variety"
STEPS, WHOLE_RUNS, OBJECTS, SHAPE_STEPS, VARIETY = (f"checkpoints/distilled_{phase}.pt" for phase in PHASES)
UNROLLED = "--unrolled", "--rate", 2e-4
CLASSIFIERS = Read(OBJECT_CLASSIFIER), Read(SECOND_CLASSIFIER)
CLASSIFIED = "--classifier", *CLASSIFIERS, "--variety", Read(LATENTS)


def data_stages(choices: Choices) -> list[Stage]:
    """Return the vocabulary and the data sets of shapes."""
    sets = (
        ("data.train", TRAIN, 1, "seen", choices.of(100_000, 16), 0.25, 3.3),
        ("data.test", TEST, 2, "all", choices.of(1000, 8), 0.01, 0.04),
        ("data.classifier", CLASSIFIER_DATA, 3, "all", choices.of(40_000, 8), 0.1, 1.3),
    )
    vocabulary = Stage("data.vocabulary", "data.vocabulary", (Write(VOCABULARY),), 0.001, gigabytes=0.001)
    return [vocabulary] + [
        Stage(
            name,
            "data.dataset",
            (Write(path), "--shapes", shapes, *choices.seeded(seed), "--pairs", pairs, *choices.workers),
            hours,
            resumes=True,
            gigabytes=size,
        )
        for name, path, seed, pairs, shapes, hours, size in sets
    ]


def stages(choices: Choices) -> list[Stage]:
    """Return the stages from the autoencoder to the distilled weights."""
    return [*autoencoder_stages(choices), *prior_stages(choices), *export_stages(), *distillation_stages(choices)]


def autoencoder_stages(choices: Choices) -> list[Stage]:
    """Return the autoencoder, the latents and their classifier."""
    on_device = "--threads", choices.cores, "--device", choices.device
    data = Read(TRAIN), Read(TEST), Write(AUTOENCODER)
    network = *data, *choices.data_parallel(90_000, 16), *choices.acceleration
    return [
        Stage("shap-e.autoencoder", "train.autoencoder", network, 5.4, resumes=True),
        *(
            Stage(f"shap-e.{name}", "data.latents", (Read(AUTOENCODER), Read(folder), Write(out), *on_device), hours)
            for name, folder, out, hours in (
                ("latents", TRAIN, LATENTS, 0.3),
                ("test-latents", TEST, TEST_LATENTS, 0.01),
            )
        ),
        Stage(
            "shap-e.latent-classifier",
            "evaluate.latent_classifier",
            (Read(LATENTS), Read(TEST_LATENTS), Write(LATENT_CLASSIFIER), *choices.training(4000)),
            0.2,
            (VOCABULARY,),
            resumes=True,
        ),
    ]


def prior_stages(choices: Choices) -> list[Stage]:
    """Return the phases of the prior. The first one also trains the word encoder, the last two learn colors."""
    colors = "--color-data", Read(TRAIN), Read(AUTOENCODER)
    rates = (
        (12_000, 0.8, ()),
        (9_000, 0.6, ("--classifier-weight", 0.02, "--rate", 6e-4, "--muon-rate", 1e-3)),
        (5_000, 0.4, (*colors, "--rate", 5e-4, "--muon-rate", 1e-3)),
        (14_000, 1.1, (*colors, "--rate", 6e-4, "--muon-rate", 1.2e-3)),
    )
    stages = []
    for phase, (steps, hours, options) in enumerate(rates):
        start = ("--start", Read(PRIORS[phase - 1]), "--text", Read(PRIORS[0])) if phase else ()
        files = Read(LATENTS), Read(TEST_LATENTS), Write(PRIORS[phase]), "--classifier", Read(LATENT_CLASSIFIER)
        arguments = (*files, *start, *options, *choices.training(steps, seed=phase), *choices.acceleration)
        stage = Stage(f"shap-e.prior-{phase}", "train.prior", arguments, hours, (VOCABULARY,), resumes=True)
        stages.append(stage)
    return stages


def export_stages() -> list[Stage]:
    """Return the exports of the word encoder and of Shap-E's networks."""
    networks = Read(AUTOENCODER), Read(AUTOENCODER), Read(PRIORS[-1])
    return [
        Stage("shap-e.words", "train.export_words", (Read(PRIORS[0]), "--out", Write(WORDS)), 0.001),
        Stage("shap-e.weights", "train.export_shap_e", (*networks, "--out", Write(SHAP_E)), 0.001),
    ]


def distillation_stages(choices: Choices) -> list[Stage]:
    """Return the runs of the prior and the training of its student: steps, whole runs, objects, then their variety.

    The classifiers from which the student learns what its objects look like are not the one that evaluates them. The
    weights are between those of three phases.
    """
    single = "--batch", choices.of(32, 4), *choices.training(3500)
    whole = "--start", Read(STEPS), *UNROLLED, "--batch", choices.of(16, 4), *choices.training(900, seed=1)
    batch = "--batch", choices.of(8, 4)
    classified = "--start", Read(WHOLE_RUNS), *UNROLLED, *CLASSIFIED, *batch, *choices.training(750, seed=2)
    export = *map(Read, (WHOLE_RUNS, OBJECTS, VARIETY)), "--out", Write(DISTILLED)
    return [
        *run_stages(choices),
        *object_classifier_stages(choices),
        *inverted_stages(choices),
        student_stage("shap-e.distilled-steps", STEPS, single, 0.3, choices),
        student_stage("shap-e.distilled-runs", WHOLE_RUNS, whole, 0.2, choices),
        student_stage("shap-e.distilled-objects", OBJECTS, classified, 0.2, choices),
        *variety_stages(choices),
        Stage("shap-e.distilled-weights", "train.export_distilled_shap_e", export, 0.001, TEACHER),
        *draft_stages(choices),
    ]


def variety_stages(choices: Choices) -> list[Stage]:
    """Return the phases of the student's training from runs that end at shapes: single steps, then whole runs."""
    runs, batch, muon_rate = (INVERTED, TEST_INVERTED), "--batch", "--muon-rate"
    rates = "--start", Read(OBJECTS), "--rate", 4e-4, muon_rate, 6e-4
    single = *rates, batch, choices.of(32, 4), *choices.training(1400, seed=3)
    weights = "--classifier-weight", 0.2, "--variety-weight", 0.15
    learned = "--start", Read(SHAPE_STEPS), *UNROLLED, muon_rate, 3e-4, *CLASSIFIED, *weights
    whole = *learned, batch, choices.of(12, 4), *choices.training(4000, seed=4)
    return [
        student_stage("shap-e.distilled-inverted", SHAPE_STEPS, single, 0.2, choices, runs),
        student_stage("shap-e.distilled-variety", VARIETY, whole, 1.8, choices, runs),
    ]


def object_classifier_stages(choices: Choices) -> list[Stage]:
    """Return the trainings of the two classifiers of colored clouds that the student learns from.

    What deceives one seldom deceives the other.
    """
    return [
        Stage(
            name,
            "evaluate.classifier",
            (Read(TRAIN), Read(TEST), Write(path), *choices.training(7300, seed=seed), *choices.acceleration),
            0.5,
            (VOCABULARY,),
            resumes=True,
        )
        for name, path, seed in (
            ("shap-e.object-classifier", OBJECT_CLASSIFIER, 11),
            ("shap-e.second-classifier", SECOND_CLASSIFIER, 12),
        )
    ]


def draft_stages(choices: Choices) -> list[Stage]:
    """Return the training of the update of the distilled weights that drafts need, and its export."""
    checkpoint, batch = "checkpoints/draft.pt", ("--batch", choices.of(32, 4), "--captions", choices.of(8000, 8))
    options = "--distilled", Read(DISTILLED), *batch, *choices.training(1200), *choices.acceleration
    return [
        Stage("shap-e.draft", "train.draft_shap_e", (Write(checkpoint), *options), 0.3, TEACHER, resumes=True),
        Stage("shap-e.draft-weights", "train.export_draft_shap_e", (Read(checkpoint), "--out", Write(DRAFT)), 0.001),
    ]


def run_stages(choices: Choices) -> list[Stage]:
    """Return the recordings of the teacher's runs."""
    on_device = "--batch", choices.of(12, 4), "--threads", choices.cores, "--device", choices.device
    options, module = (*on_device, *choices.acceleration), "data.teacher_runs"
    runs = Write(RUNS), "--runs", choices.of(6000, 8), *choices.seeded(1), *options
    test = Write(TEST_RUNS), "--runs", choices.of(120, 4), *choices.seeded(2), *options
    return [
        Stage("shap-e.teacher-runs", module, runs, 0.2, TEACHER, resumes=True, gigabytes=0.5),
        Stage("shap-e.test-runs", module, test, 0.005, TEACHER, resumes=True, gigabytes=0.01),
    ]


def inverted_stages(choices: Choices) -> list[Stage]:
    """Return the recordings of runs that end at shapes of the data sets, of those whose latents show what they are.

    Classifiers of a few steps would find nothing right.
    """
    on_device = "--batch", choices.of(24, 4), "--threads", choices.cores, "--device", choices.device
    right = choices.of(("--classifiers", *CLASSIFIERS), ())
    shapes, test_shapes = (Read(LATENTS), Write(INVERTED)), (Read(TEST_LATENTS), Write(TEST_INVERTED))
    return [
        Stage(
            f"shap-e.{name}",
            "data.inverted_runs",
            (*files, "--runs", runs, *choices.seeded(seed), *on_device, *choices.acceleration),
            hours,
            TEACHER,
            resumes=True,
            gigabytes=size,
        )
        for name, files, runs, seed, hours, size in (
            ("inverted-runs", (*shapes, *right), choices.of(8400, 8), 101, 0.3, 0.6),
            ("test-inverted-runs", test_shapes, choices.of(120, 4), 102, 0.005, 0.01),
        )
    ]


def student_stage(
    name: str, path: str, options: tuple[Any, ...], hours: float, choices: Choices, runs=(RUNS, TEST_RUNS)
) -> Stage:
    """Return a phase of the student's training from runs and those to measure with; its checkpoint has a path."""
    arguments = (*map(Read, runs), Write(path), *options, *choices.acceleration)
    return Stage(name, "train.distilled_shap_e", arguments, hours, TEACHER, resumes=True)
