# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps and stages whose kernels are counted: narrow networks with all layers of the official ones."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch

from blender_text3d.engine.cuda_graphs import SWITCH
from blender_text3d.engine.cuda_graphs.graphed import MIN_CALLS
from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.noise import Noise
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas
from blender_text3d.engine.diffusion.solver_registry import solve
from blender_text3d.engine.diffusion.solvers import SolverState
from blender_text3d.engine.glide import configs as glide_configs
from blender_text3d.engine.glide.qualities import BASE_SCHEDULE, UPSAMPLE_SCHEDULE
from blender_text3d.engine.glide.respacing import RespacedSchedule
from blender_text3d.engine.glide.samplers import ddim, ddpm, few_timesteps, multistep, predictor
from blender_text3d.engine.glide.text_transformer import TextTransformer
from blender_text3d.engine.glide.unet import UNet
from blender_text3d.engine.point_e import configs as point_e_configs
from blender_text3d.engine.point_e.official import unconditioned
from blender_text3d.engine.shap_e.configs import (
    OFFICIAL_DECODER,
    OFFICIAL_ENCODER,
    OFFICIAL_IMAGE_PRIOR,
    OFFICIAL_TEXT_PRIOR,
)
from blender_text3d.engine.shap_e.decoder import VectorDecoder
from blender_text3d.engine.shap_e.encoding.encoder_inputs import EncoderInputs
from blender_text3d.engine.shap_e.encoding.random_order import RandomOrder
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from blender_text3d.engine.shap_e.field import Field
from blender_text3d.engine.shap_e.prior import SplitVectorDiffusion
from blender_text3d.engine.shap_e.rendering.turntable import Turntable
from blender_text3d.engine.shap_e.rendering.volume import NeRFSettings, nerf_renderer
from blender_text3d.system.run_steps import run_steps
from scripts.testing.simulated_device import Counts

WIDTH, HEADS, STEPS = 32, 4, MIN_CALLS + 2
CUDA = torch.device("cuda", 0)
Count = Callable[[Counts], Counter[str]]


def of_step(counts: Counts, states: Iterator[SolverState]) -> Counter[str]:
    """Return the kernels of one step of a run, by operation: the first one that is as all later ones.

    That is the one after the capture of the graphs; without graphs, the first that has two steps before it.

    Raises:
        AssertionError: The run has fewer steps.
    """
    step = MIN_CALLS if SWITCH.is_on() else 2
    for state in states:
        if state.index == step - 1:
            before = counts.launches.copy()
        if state.index == step:
            return counts.launches - before
    raise AssertionError("The run ended before the step.")


def of_call(counts: Counts, call: Callable[[], object]) -> Counter[str]:
    """Return the kernels of a call, by operation, once tables that are kept have been made."""
    call()
    before = counts.launches.copy()
    call()
    return counts.launches - before


def on_cuda(network: torch.nn.Module, precision: torch.dtype = torch.float16) -> torch.nn.Module:
    """Return a network as it is loaded on a GPU."""
    return network.eval().requires_grad_(False).to(precision).to(CUDA)


def prior(image: bool, solver: str) -> Count:
    """Return the count of a guided step of Shap-E's prior."""
    size = OFFICIAL_IMAGE_PRIOR if image else OFFICIAL_TEXT_PRIOR
    size = replace(size, d_latent=16 * WIDTH, latent_ctx=16, width=WIDTH, heads=HEADS)

    def count(counts: Counts) -> Counter[str]:
        network = on_cuda(SplitVectorDiffusion(size))
        condition = torch.ones(1, 1024, 256, device=CUDA) if image else torch.ones(1, 768, device=CUDA)
        denoise = guided_denoiser(network, Schedule("exp"), "x_start", condition, 3.0, precision=torch.float16)
        return of_step(counts, run(solver, denoise, (size.d_latent,), 1e-3, 160.0, 0.0))

    return count


def cloud(name: str, guidance: float, churn: float, solver: str, schedule: str, points: int, coarse: int = 0) -> Count:
    """Return the count of a step of one of Point-E's diffusions."""
    class_, size = point_e_configs.OFFICIAL[name]

    def count(counts: Counts) -> Counter[str]:
        network = on_cuda(class_(replace(size, width=WIDTH, heads=HEADS)))
        is_grid = "vec" not in name
        conditions = [torch.ones(1, 1024, 256, device=CUDA) if is_grid else torch.ones(1, 768, device=CUDA)]
        conditions = [] if name == "base40M-uncond" else conditions
        if coarse:
            network, conditions = (
                unconditioned(network),
                [conditions[0][:, :0, 0], torch.ones(1, 6, coarse, device=CUDA)],
            )
        denoise = guided_denoiser(network, Schedule(schedule), "epsilon", conditions, guidance, precision=torch.float16)
        return of_step(counts, run(solver, denoise, (6, points), 1e-3, 120.0, churn))

    return count


def run(
    solver: str, denoise: Callable, shape: tuple[int, ...], low: float, high: float, churn: float
) -> Iterator[SolverState]:
    """Return the states of a short run."""
    noise = Noise([0])
    x = noise.draw(shape, CUDA) * high
    return solve(solver, denoise, x, karras_sigmas(STEPS, low, high), noise=noise, churn=churn)


def glide(name: str, solver: str) -> Count:
    """Return the count of a step of GLIDE's networks; the first one is guided."""
    size = replace(
        glide_configs.OFFICIAL[name], num_channels=32, num_head_channels=32, xf_width=WIDTH, xf_layers=1,
        xf_heads=HEADS, text_ctx=8, image_size=64,
    )  # fmt: skip
    if name == "upsample":  # the same levels with attention as at 256 pixels
        size = replace(size, attention_resolutions=(8, 4, 2))

    def count(counts: Counts) -> Counter[str]:
        text = on_cuda(TextTransformer(size), torch.float32)
        unet = UNet(size).eval().requires_grad_(False).to_half().to(CUDA)
        texts = 2 if name == "base" else 1
        tokens = torch.zeros(texts, size.text_ctx, dtype=torch.long, device=CUDA)
        condition = unet.condition(text(tokens, tokens > 0))
        low_res = None if name == "base" else torch.zeros(1, 3, 16, 16, device=CUDA)
        schedule_name = BASE_SCHEDULE if name == "base" else UPSAMPLE_SCHEDULE
        spacing = "" if solver == "dpm++2m" else str(STEPS)
        schedule = RespacedSchedule(schedule_name, spacing)
        timesteps = few_timesteps(schedule, STEPS, 80.0) if solver == "dpm++2m" else schedule.timesteps
        predict = predictor(unet, condition, timesteps, 3.0 if name == "base" else None, low_res)
        x, noise = torch.randn(1, 3, 64, 64).to(CUDA), lambda like: torch.randn(like.shape).to(CUDA, non_blocking=True)
        if solver == "dpm++2m":
            states = multistep(predict, x, schedule, STEPS, 80.0)
        else:
            states = {"ddpm": ddpm, "ddim": ddim}[solver](predict, x, schedule, noise)
        return of_step(counts, states)

    return count


def sdf_query(counts: Counts) -> Counter[str]:
    """Count the kernels of the signed distance of some points."""
    class_, size = point_e_configs.OFFICIAL["sdf"]
    network = on_cuda(class_(replace(size, width=WIDTH)), torch.float32)
    encoded = network.encode(torch.zeros(1, 3, 64, device=CUDA))
    return of_call(counts, lambda: network.query(torch.zeros(1, 3, 100, device=CUDA), encoded))


def sdf_encode(counts: Counts) -> Counter[str]:
    """Count the kernels of the encoding of a cloud."""
    class_, size = point_e_configs.OFFICIAL["sdf"]
    network = on_cuda(class_(replace(size, width=WIDTH)), torch.float32)
    return of_call(counts, lambda: network.encode(torch.zeros(1, 3, 64, device=CUDA)))


def field(channels: str) -> Count:
    """Return the count of a query of Shap-E's field: what NeRF, STF and meshes ask of a chunk of points."""

    def count(counts: Counts) -> Counter[str]:
        decoder = on_cuda(VectorDecoder(replace(OFFICIAL_DECODER, d_row=8, d_hidden=16)), torch.float32)
        asked = Field(decoder, torch.zeros(64 * 8, device=CUDA))
        points = torch.zeros(100, 3, device=CUDA)
        query = {"nerf": lambda: asked.medium(points, points), "sdf": lambda: asked.signed_distance(points)}[channels]
        query()
        return of_call(counts, query)

    return count


def nerf_view(counts: Counts) -> Counter[str]:
    """Count the kernels of a NeRF image of 64 x 64 pixels of a fog that fills the cube."""
    decoder = VectorDecoder(replace(OFFICIAL_DECODER, d_row=8, d_hidden=16))
    decoder.field_layers.layers[-1].bias.data.fill_(1.0)
    on_cuda(decoder, torch.float32)
    render = nerf_renderer(decoder, Field(decoder, torch.zeros(64 * 8, device=CUDA)), NeRFSettings(), CUDA)
    cameras = Turntable(views=1, size_px=64).cameras()
    return of_call(counts, lambda: render(cameras, 0))


def encoder(counts: Counts) -> Counter[str]:
    """Count the kernels of the encoding of an object with two views."""
    size = replace(
        OFFICIAL_ENCODER, width=WIDTH, heads=HEADS, d_latent=8, rows=32, points=2048, views=2, hidden=(WIDTH, WIDTH)
    )
    network = on_cuda(Transmitter(size, replace(OFFICIAL_DECODER, d_row=8, d_hidden=8)), torch.float32)
    generator = torch.Generator().manual_seed(0)
    camera = torch.tensor([1.0, 0, 0, 0, 0, -1, 0, 1, 0, 0, -4, 0, 0.7, 0.7]).repeat(1, 2, 1)
    side = size.image_size
    inputs = EncoderInputs(
        torch.rand(1, 6, size.points, generator=generator) * 2 - 1,
        torch.zeros(1, 2, side, side, 3, dtype=torch.uint8),
        torch.full((1, 2, side, side), 255, dtype=torch.uint8),
        torch.full((1, 2, side, side), 4.0),
        camera,
    ).to(CUDA)
    order = RandomOrder.from_seed(0, inputs, size)
    return of_call(counts, lambda: run_steps(network.encoder.encode(inputs, order)))


CASES: dict[str, Count] = {
    "shap-e/text300M, dpm++2m": prior(False, "dpm++2m"),
    "shap-e/text300M, heun": prior(False, "heun"),
    "shap-e/image300M, dpm++2m": prior(True, "dpm++2m"),
    "point-e/base40M-textvec, dpm++2m": cloud("base40M-textvec", 3.0, 0.0, "dpm++2m", "cosine", 64),
    "point-e/base40M-textvec, heun": cloud("base40M-textvec", 3.0, 3.0, "heun", "cosine", 64),
    "point-e/base40M-imagevec, dpm++2m": cloud("base40M-imagevec", 3.0, 0.0, "dpm++2m", "cosine", 64),
    "point-e/base40M-uncond, dpm++2m": cloud("base40M-uncond", 0.0, 0.0, "dpm++2m", "cosine", 64),
    "point-e/base40M, dpm++2m": cloud("base40M", 3.0, 0.0, "dpm++2m", "cosine", 64),
    "point-e/base300M, dpm++2m": cloud("base300M", 3.0, 0.0, "dpm++2m", "cosine", 64),
    "point-e/base1B, dpm++2m": cloud("base1B", 3.0, 0.0, "dpm++2m", "cosine", 64),
    "point-e/upsample, dpm++2m": cloud("upsample", 0.0, 0.0, "dpm++2m", "linear", 64, 32),
    "point-e/upsample, heun": cloud("upsample", 0.0, 0.0, "heun", "linear", 64, 32),
    "point-e/sdf, a cloud": sdf_encode,
    "point-e/sdf, points": sdf_query,
    "glide/base, ddpm": glide("base", "ddpm"),
    "glide/upsample, dpm++2m": glide("upsample", "dpm++2m"),
    "shap-e/decoder, points of a NeRF": field("nerf"),
    "shap-e/decoder, points of a mesh (STF)": field("sdf"),
    "shap-e/decoder, NeRF image of 64 x 64": nerf_view,
    "shap-e/encoder, an object with 2 views": encoder,
}
"""Measured cases by name."""
