# SPDX-License-Identifier: GPL-3.0-or-later
"""One encoding of an object at the official size, for both engines: the same weights, inputs and random orders.

Every pixel of every view shows the object, which is the most work there can be: this engine spends less on background,
the official one does not.
"""

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from blender_text3d.engine.shap_e.configs import OFFICIAL_DECODER, OFFICIAL_ENCODER
from blender_text3d.engine.shap_e.encoding.encoder_inputs import EncoderInputs
from blender_text3d.engine.shap_e.encoding.random_order import RandomOrder
from blender_text3d.engine.shap_e.encoding.transmitter import Transmitter
from blender_text3d.engine.weights.loading.assign import empty_network
from scripts.bench.official_weights import with_random_weights

Once = Callable[[], object]
CPU = torch.device("cpu")
SEED, FOV, DISTANCE = 5, 0.6911112, 4.0


def object_ours(scratch: Path) -> Once:
    """Prepare one encoding."""
    network = with_random_weights(empty_network(lambda: Transmitter(OFFICIAL_ENCODER, OFFICIAL_DECODER)))
    inputs = random_object()

    def once() -> dict:
        order = RandomOrder.from_seed(SEED, inputs, OFFICIAL_ENCODER)
        return difference(scratch, network.encoder(inputs, order)[0])

    return once


def object_official(scratch: Path) -> Once:
    """Prepare the same with the official package."""
    from shap_e.models.configs import model_from_config
    from shap_e.util.collections import AttrDict

    network = with_random_weights(model_from_config(copy.deepcopy(official_config()), CPU).eval())
    batch = AttrDict(**official_batch(random_object()))

    def once() -> dict:
        torch.manual_seed(SEED)
        return difference(scratch, network.encoder.encode_to_bottleneck(batch)[0])

    return once


def official_config() -> dict:
    """Return the official transmitter_config.yaml's contents."""
    from blender_text3d.engine.reference.shap_e_configs import DECODER

    size = OFFICIAL_ENCODER
    encoder = {
        "name": "PointCloudPerceiverChannelsEncoder",
        "cross_attention_dataset": "pcl_and_multiview_pcl",
        "fps_method": "first",
        "pos_emb": "nerf",
        "use_depth": True,
        "use_pointconv": True,
        "input_channels": 6,
        "d_latent": size.d_latent,
        "data_ctx": size.data_tokens,
        "heads": size.heads,
        "layers": size.layers,
        "width": size.width,
        "inner_batch_size": [size.points, size.views],
        "max_depth": size.max_depth,
        "min_unrolls": 1,
        "max_unrolls": 1,
        "patch_size": size.patch_size,
        "pointconv_hidden": list(size.hidden),
        "pointconv_padding_mode": "circular",
        "pointconv_patch_size": size.kernel,
        "pointconv_samples": size.neighbors,
        "pointconv_stride": size.stride,
        "params_proj": DECODER["params_proj"],
        "latent_bottleneck": {
            "name": "clamp_diffusion_noise",
            "diffusion_prob": 0.1,
            "diffusion": {"schedule": "inv_parabola", "schedule_args": {"power": 5.0}, "timesteps": 1024},
        },
    }
    renderer = copy.deepcopy(DECODER["renderer"])
    renderer["void"].pop("trainable")
    renderer["nerstf"].pop("direction_dependent_shape")
    return {"name": "Transmitter", "encoder": encoder, "renderer": renderer}


def random_object() -> EncoderInputs:
    """Return points, and views without background from all around, at the official size."""
    size, rng = OFFICIAL_ENCODER, np.random.default_rng(1)
    points = np.concatenate([rng.uniform(-1, 1, (3, size.points)), rng.uniform(0, 1, (3, size.points))])
    pixels = (size.views, size.image_size, size.image_size)
    images = rng.integers(0, 256, (*pixels, 3), dtype=np.uint8)
    depths = rng.uniform(DISTANCE - 1, DISTANCE + 1, pixels)
    forward = rng.normal(size=(size.views, 3))
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    cameras = np.concatenate([right, np.cross(forward, right), forward, -DISTANCE * forward], axis=1)
    cameras = np.concatenate([cameras, np.full((size.views, 2), FOV)], axis=1)
    alphas = np.full(pixels, 255, np.uint8)
    floats = [torch.from_numpy(array.astype(np.float32))[None] for array in (points, depths, cameras)]
    images, alphas = (torch.from_numpy(array)[None] for array in (images, alphas))
    return EncoderInputs(floats[0], images, alphas, floats[1], floats[2])


def official_batch(inputs: EncoderInputs) -> dict[str, object]:
    """Return the inputs as the official encoder takes them."""
    from shap_e.rendering.view_data import ProjectiveCamera

    side = OFFICIAL_ENCODER.image_size
    rows = inputs.cameras[0].numpy()
    cameras = [
        ProjectiveCamera(
            **dict(zip(("x", "y", "z", "origin"), row[:12].reshape(4, 3), strict=True)),
            width=side,
            height=side,
            x_fov=float(row[12]),
            y_fov=float(row[13]),
        )
        for row in rows
    ]
    return {
        "points": inputs.points,
        "views": [[Image.fromarray(image) for image in inputs.images[0].numpy()]],
        "view_alphas": [[Image.fromarray(alpha) for alpha in inputs.alphas[0].numpy()]],
        "depths": [list(inputs.depths[0].numpy())],
        "cameras": [cameras],
    }


def difference(scratch: Path, latent: Tensor) -> dict[str, float]:
    """Return how far a latent is from that of the side that was measured before in this folder, if any."""
    path = scratch / "latent.npy"
    if not path.exists():
        np.save(path, latent.numpy())
        return {}
    return {"difference": float(np.abs(np.load(path) - latent.numpy()).max())}
