# SPDX-License-Identifier: GPL-3.0-or-later
"""The timestep embedding, on which every official network depends."""

import torch

from blender_text3d.engine.nn.embedding import timestep_embedding


def test_a_timestep_is_embedded_as_cosines_then_sines_of_geometrically_spaced_frequencies():
    angles = torch.tensor([1.0, 0.1, 0.01, 0.001]) * 7  # 10,000 ** (-k / 4)
    expected = torch.cat([angles.cos(), angles.sin()])
    torch.testing.assert_close(timestep_embedding(torch.tensor([7]), 8)[0], expected)
