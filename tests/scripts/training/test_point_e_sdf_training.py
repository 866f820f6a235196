# SPDX-License-Identifier: GPL-3.0-or-later
"""Training clouds of the small Point-E's signed distance model."""

import torch

from scripts.training.train.point_e_sdf import COARSE, JITTER, MIN_POINTS, SHIFT, jitter_cloud, thin_cloud


def clouds():
    torch.manual_seed(0)
    return torch.nn.functional.normalize(torch.randn(8, 1024, 3), dim=2)


def test_a_thinned_cloud_is_a_subset_that_is_denser_on_one_side():
    points = clouds()
    for _ in range(20):
        fewer = thin_cloud(points)
        if fewer.shape[1] < 700:
            break
    assert MIN_POINTS <= fewer.shape[1] < 700
    assert torch.cdist(fewer, points).min(dim=2).values.max() < 1e-3
    assert all(len(cloud.unique(dim=0)) == fewer.shape[1] for cloud in fewer)
    assert fewer.mean(1).norm(dim=1).max() > 3 * points.mean(1).norm(dim=1).max()


def test_jitter_moves_neighbors_together_and_each_point_a_little():
    points = clouds()
    moved = jitter_cloud(points) - points
    assert moved.std(dim=(1, 2)).min() > 0
    assert moved.std(dim=(1, 2)).max() < JITTER + SHIFT
    nearest = torch.cdist(points, points[:, :COARSE]).argmin(dim=2)
    own = moved - moved[:, :COARSE].gather(1, nearest[..., None].expand(-1, -1, 3))
    apart = moved - moved.roll(1, dims=1)
    assert 0 < own[:, COARSE:].std() < apart.std()
