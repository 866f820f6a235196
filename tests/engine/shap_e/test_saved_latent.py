# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

from blender_text3d.engine.shap_e.saved_latent import WrongLatent, load_latent, save_latent

LATENT = np.linspace(-1, 1, 12, dtype=np.float32)


def test_what_is_loaded_equals_what_was_saved(tmp_path):
    save_latent(tmp_path / "latent.npz", LATENT, "ab" * 32)
    saved = load_latent(tmp_path / "latent.npz", 12)
    np.testing.assert_array_equal(saved.values, LATENT)
    assert (saved.name, saved.weights_sha256) == ("latent.npz", "ab" * 32)


def test_a_latent_of_an_older_job_has_no_hash_of_its_weights(tmp_path):
    np.savez(tmp_path / "latent.npz", latent=LATENT)
    assert load_latent(tmp_path / "latent.npz", 12).weights_sha256 == ""


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"latent": LATENT[:8]}, r"latent.npz contains a latent of 8 numbers, but this model needs 12: another model"),
        ({"latent": LATENT.reshape(3, 4)}, "a latent of 3 x 4 numbers"),
        ({"latent": LATENT.astype(np.float64)}, "not finite float32"),
        ({"latent": np.where(LATENT > 0.9, np.nan, LATENT)}, "not finite float32"),
        ({"vertices": LATENT}, "contains no latent"),
        ({"latent": np.array([{}], object)}, "contains no latent .*allow_pickle=False"),
    ],
)
def test_anything_but_a_latent_of_this_model_is_refused_with_advice(tmp_path, arrays, sentence):
    np.savez(tmp_path / "latent.npz", **arrays)
    with pytest.raises(WrongLatent, match=rf"{sentence}.*Choose the latent\.npz of a job of this model"):
        load_latent(tmp_path / "latent.npz", 12)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 half of one"])
def test_a_corrupt_file_is_refused_with_advice(tmp_path, content):
    (tmp_path / "latent.npz").write_bytes(content)
    with pytest.raises(WrongLatent, match=r"latent\.npz contains no latent .*Choose the latent\.npz"):
        load_latent(tmp_path / "latent.npz", 12)


def test_a_missing_file_is_named_with_advice(tmp_path):
    with pytest.raises(WrongLatent, match=r"gone\.npz cannot be read \(No such file or directory\)\. Choose"):
        load_latent(tmp_path / "gone.npz", 12)
