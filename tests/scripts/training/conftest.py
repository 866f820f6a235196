# SPDX-License-Identifier: GPL-3.0-or-later
"""A small data set for the tests of training."""

import pytest


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """(data folder, point order folder) of one small shard, of kinds that the included Point-E knows."""
    import torch

    from scripts.training.data.catalogue import pairs
    from scripts.training.data.dataset import make_shard
    from scripts.training.data.kinds import FIRST_KINDS
    from scripts.training.data.point_ordering import make

    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        known = [pair for pair in pairs(held_out=False) if pair[0] in FIRST_KINDS]
        patch.setattr("scripts.training.data.dataset.pairs", lambda held_out: known)
        make_shard((folder / "00000.npz", 0, 3, "seen", 4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "scripts.training.data.point_ordering.make_template",
            lambda points: torch.nn.functional.normalize(torch.randn(points.shape[1:]), dim=1),
        )
        make(folder, folder / "places", None, folder / "template.npy")
    return folder, folder / "places"
