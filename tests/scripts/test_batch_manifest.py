# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of a batch's objects: what they depend on, and what leaves those of older batches as they were."""

import pytest

from blender_text3d.batch.prompt_lists.row_values import FILE_SETTINGS
from blender_text3d.protocol.request import make_requests
from scripts.cli.batch_manifest import Order


def order(**values):
    return Order(make_requests("a red chair", seed=1, **values)[0])


def test_an_order_without_files_names_no_file_that_older_versions_did_not_have():
    recipe = order().recipe
    assert (recipe["image"], recipe["latent"]) == ("", "")
    assert "object" not in recipe


@pytest.mark.parametrize("setting", FILE_SETTINGS)
def test_a_file_counts_by_name_and_content_wherever_it_is(setting, tmp_path):
    paths = [tmp_path / folder / "input.bin" for folder in ("here", "there", "other")]
    for path, content in zip(paths, (b"one", b"one", b"two"), strict=True):
        path.parent.mkdir()
        path.write_bytes(content)
    here, there, other = (order(**{setting: str(path)}) for path in paths)
    assert here.recipe[setting].startswith("input.bin ")
    assert here.name == there.name != other.name
    assert order().name != here.name
