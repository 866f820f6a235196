# SPDX-License-Identifier: GPL-3.0-or-later
"""No solver step synchronizes with the device: on the meta device, which holds no data, reading a value fails."""

import pytest
import torch

from blender_text3d.engine.diffusion.denoiser import guided_denoiser
from blender_text3d.engine.diffusion.divergence import DivergenceMonitor
from blender_text3d.engine.diffusion.reused_guidance import with_reused_guidance
from blender_text3d.engine.diffusion.schedule import Schedule, karras_sigmas
from blender_text3d.engine.diffusion.solvers import dpm_solver_2m, heun
from blender_text3d.engine.point_e.configs import CHANNEL_BIASES, CHANNEL_SCALES
from blender_text3d.engine.point_e.upsampler import CLIPImageGridUpsamplePointDiffusionTransformer, UpsamplerConfig
from blender_text3d.engine.shap_e.prior import PriorConfig, SplitVectorDiffusion

SIGMAS = karras_sigmas(3, 1e-3, 160.0)


def latent_parts():
    config = PriorConfig(d_latent=320, latent_ctx=16, width=48, layers=1, heads=3)
    return SplitVectorDiffusion(config), "x_start", (torch.empty(2, 768),), (2, 320)


def point_parts():
    config = UpsamplerConfig(
        input_channels=6, output_channels=12, n_ctx=30, width=48, layers=1, heads=3, condition_channels=1024,
        channel_scales=CHANNEL_SCALES, channel_biases=CHANNEL_BIASES,
    )  # fmt: skip
    network = CLIPImageGridUpsamplePointDiffusionTransformer(config)

    def merged(x, t, condition, low_res):
        return network(x, t, condition, low_res, condition_copies=256)

    return merged, "epsilon", (torch.empty(2, 1024, 1), torch.empty(2, 6, 10)), (2, 6, 30)


@pytest.mark.parametrize("parts", [latent_parts, point_parts])
@pytest.mark.parametrize("solver", ["heun", "dpm++2m", "reused guidance"])
def test_a_complete_run_reads_no_value_from_the_device(parts, solver):
    with torch.device("meta"):
        network, mean_type, conditions, shape = parts()
        x = torch.empty(*shape)
    denoise, monitor = (
        guided_denoiser(network, Schedule("exp"), mean_type, conditions, guidance=15.0),
        DivergenceMonitor(),
    )
    denoise = with_reused_guidance(denoise, 2, 3) if solver == "reused guidance" else denoise
    states = list(heun(denoise, x, SIGMAS, churn=3.0) if solver == "heun" else dpm_solver_2m(denoise, x, SIGMAS))
    for state in states:
        monitor.update(state.denoised)
    assert [products.device.type for products in monitor._products] == ["meta"] * 3
    assert states[-1].x.shape == shape


def test_reading_a_value_from_the_meta_device_raises():
    with pytest.raises(RuntimeError):
        bool(torch.ones((), device="meta") > 0)
