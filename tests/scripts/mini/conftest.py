# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes scripts/mini importable as `mini`, as its commands do, and a small data set with it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "scripts"))


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """(data folder, places folder) of one small shard."""
    import torch
    from mini.dataset import make_shard
    from mini.slots import make

    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mini.dataset.SHARD", 4)
        make_shard((folder / "00000.npz", 0, 3, "seen"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mini.slots.SHARD", 4)
        patch.setattr(
            "mini.slots.template_of", lambda points: torch.nn.functional.normalize(torch.randn(points.shape[1:]), dim=1)
        )
        make(folder, folder / "places", 4, folder / "template.npy")
    return folder, folder / "places"
