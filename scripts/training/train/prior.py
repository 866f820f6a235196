# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the prior and text encoder of the small Shap-E.

Run as `python -m scripts.training.train.prior LATENTS.npz TEST.npz OUT --minutes 50`.

The network predicts the clean latent under Shap-E's schedule. Noise levels are drawn from the cosine curve, which
favors the levels that determine details. In addition to the squared error, the loss has the caption loss of a
`LatentClassifier`, with a decreasing weight, and, with --color-data, the error of the decoded colors.
"""

import argparse
from pathlib import Path

import torch

from blender_text3d.engine.diffusion.schedule import Schedule
from blender_text3d.engine.mini.files import VOCABULARY
from blender_text3d.engine.shap_e.configs import MINI_PRIOR
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.text.word_encoder import WordEncoder, WordEncoderConfig
from blender_text3d.prompts.vocabulary import Vocabulary

from ..data import distributed
from ..data.captioned_latents import LABELS, load
from ..evaluate.color_error import ColorError
from ..evaluate.latent_classifier import LatentClassifier, caption_loss
from .accelerate import accelerated
from .accelerate import add_arguments as add_acceleration
from .loop import Training, add_budget, add_device, average_of, prepare
from .new_words import known_ids, learn_new_words
from .optimizers import optimizers

CAPTION_DROPOUT = 0.1
"""Share of samples trained without their caption, for classifier-free guidance."""


def initialize(prior):
    """Initialize residual branches with small weights and the output with zero."""
    for block in prior.wrapped.backbone.resblocks:
        for layer in (block.attn.c_proj, block.mlp.c_proj):
            torch.nn.init.normal_(layer.weight, std=0.02)
            torch.nn.init.zeros_(layer.bias)
    torch.nn.init.normal_(prior.wrapped.pos_emb, std=0.1)
    torch.nn.init.zeros_(prior.wrapped.output_proj.weight)
    torch.nn.init.zeros_(prior.wrapped.output_proj.bias)


def noise_levels(count, alphas_cumprod):
    """Return (count,) stratified timesteps along the cosine curve of the signal level."""
    position = (torch.arange(count) + torch.rand(count)) / count
    target = torch.cos(position * torch.pi / 2).square().clamp(6.2e-6, 0.9995)
    return torch.searchsorted(-alphas_cumprod, -target).clamp(max=len(alphas_cumprod) - 1)


def draw_noise(latents, alphas_cumprod):
    """Return (timesteps (B,), signal levels (B, 1), noise (B, D), caption flags (B,)) for latents (B, D)."""
    t = noise_levels(len(latents), alphas_cumprod).to(latents.device)
    signal = alphas_cumprod.to(latents.device)[t].float()[:, None]
    has_caption = torch.rand(len(latents), device=latents.device) > CAPTION_DROPOUT
    return t, signal, torch.randn_like(latents), has_caption


def loss_of(prior, text, latents, ids, drawn):
    """Return (weighted squared error, squared error, predicted latents) of B samples, float32."""
    t, signal, noise, has_caption = drawn
    noisy = signal.sqrt() * latents + (1 - signal).sqrt() * noise
    predicted = prior(noisy, t, text(ids) * has_caption[:, None, None]).float()
    error = (predicted - latents).square().mean(1)
    weight = (1.0 / (1.0 - signal[:, 0])).clamp(max=6.0)  # 1 / (1 - alpha_bar) = SNR + 1
    return error * weight, error, predicted


@torch.no_grad()
def measure(prior, text, latents, ids, alphas_cumprod):
    """Return the mean squared error of the clean latent over a fixed test set with fixed noise."""
    state = torch.get_rng_state()
    torch.manual_seed(0)
    errors = [
        loss_of(prior, text, part, words, draw_noise(part, alphas_cumprod))[1]
        for part, words in zip(latents.float().split(50), ids[:, 0].split(50), strict=True)
    ]
    torch.set_rng_state(state)
    return torch.cat(errors).mean().item()


def load_text_encoder(text, checkpoint):
    """Load and freeze the word encoder of another run, if given, so that both families can share it."""
    if checkpoint:
        text.load_state_dict(average_of(checkpoint, "text"))
        text.requires_grad_(False)


def load_prior(prior, checkpoint):
    """Load another run's prior, which may have fewer layers: the additional ones begin as the identity."""
    missing, unexpected = prior.load_state_dict(average_of(checkpoint, "prior"), strict=False)
    if unexpected:
        raise ValueError(f"{checkpoint} has parameters that this prior lacks, such as {unexpected[0]}.")
    for name, parameter in prior.named_parameters():
        if name in missing and "c_proj" in name:
            torch.nn.init.zeros_(parameter)


def start(arguments, vocabulary):
    """Create the networks and their training, resumed from an existing checkpoint."""
    text, prior = WordEncoder(WordEncoderConfig(len(vocabulary.ids))), SplitVectorDiffusion(MINI_PRIOR)
    initialize(prior)
    if arguments.start:
        load_prior(prior, arguments.start)
        text.load_state_dict(average_of(arguments.start, "text"))
    load_text_encoder(text, arguments.text)
    networks = {"prior": prior.to(arguments.device), "text": text.to(arguments.device)}
    learning = [prior] if arguments.text or arguments.new_words else networks.values()
    chosen = optimizers(learning, arguments.rate, arguments.muon_rate or None)
    if arguments.new_words:
        chosen.append(learn_new_words(text, known_ids(vocabulary, arguments.new_words), arguments.rate))
    return Training(arguments.out, networks, chosen, decay=arguments.decay)


def load_classifier(path, device):
    """Load a frozen `LatentClassifier`."""
    classifier = LatentClassifier()
    classifier.load_state_dict(torch.load(path))
    return classifier.to(device).eval().requires_grad_(False)


def draw_batch(data, count, device):
    """Return (rows (B,), latents (B, D) float32, caption ids (B, T), labels) of random samples."""
    rows = torch.randint(len(data["latents"]), (count,))
    batch = {key: value[rows].to(device) for key, value in data.items()}
    words = batch["ids"][torch.arange(len(rows)), torch.randint(batch["ids"].shape[1], (len(rows),))]
    return rows, batch["latents"].float(), words, [batch[key] for key in LABELS]


def total_loss_of(prior, text, classifier, color_error):
    """Return the function that `train` minimizes, the mean loss of samples and of what is drawn for them."""

    def total_loss(latents, words, labels, drawn, factor, surface):
        weighted, _, predicted = loss_of(prior, text, latents, words, drawn)
        loss = weighted + factor * drawn[3] * caption_loss(classifier, predicted, *labels)
        return (loss + color_error.error(predicted, *surface) if surface else loss).mean()

    return total_loss


def train(arguments):
    """Train with the command line options."""
    prepare(arguments)
    vocabulary, device = Vocabulary.read(VOCABULARY), arguments.device
    training = start(arguments, vocabulary)
    prior, text = training.networks.values()
    data, test = (load(path, vocabulary, text.config.n_ctx) for path in (arguments.data, arguments.test))
    test = [test[key][:1000].to(device) for key in ("latents", "ids")]
    color_error = ColorError.read(*arguments.color_data, device) if arguments.color_data else None
    total_loss = total_loss_of(prior, text, load_classifier(arguments.classifier, device), color_error)
    total_loss = accelerated(total_loss, arguments)
    alphas_cumprod = torch.from_numpy(Schedule("exp").alphas_cumprod)
    for is_due in training.rounds(arguments):
        rows, *batch = draw_batch(data, arguments.batch, device)
        factor = torch.tensor(arguments.classifier_weight * (1 - 0.8 * training.share), device=device)
        surface = color_error.draw(rows, device) if color_error else ()
        drawn = draw_noise(batch[0], alphas_cumprod)
        training.step(total_loss(*batch, drawn, factor, surface), arguments.batch)
        if is_due:
            error = measure(*training.running_averages().values(), *test, alphas_cumprod)
            training.report(f"test x0 error {error:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--classifier",
        "--judge",
        type=Path,
        required=True,
        help="checkpoint of `evaluate.latent_classifier` for the same latents",
    )
    parser.add_argument(
        "--color-data",
        "--looks",
        type=Path,
        nargs=2,
        help="the data set of the latents and the autoencoder, for the color error",
    )
    parser.add_argument("--start", type=Path, help="initial checkpoint, of other latents or fewer minutes")
    parser.add_argument("--text", type=Path, help="checkpoint of the frozen word encoder")
    parser.add_argument(
        "--new-words", type=Path, metavar="VOCABULARY", help="learn only the words that this earlier vocabulary lacks"
    )
    add_budget(parser, 50)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--muon-rate", type=float, default=0, help="0: AdamW for all parameters")
    parser.add_argument(
        "--classifier-weight",
        "--judged",
        type=float,
        default=0.01,
        help="initial weight of the classifier loss; the final one is a fifth",
    )
    parser.add_argument("--decay", type=float, default=0.999)
    parser.add_argument("--every", type=float, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    add_device(parser)
    add_acceleration(parser)
    distributed.add_arguments(parser)
    distributed.run(train, parser.parse_args())
