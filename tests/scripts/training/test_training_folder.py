# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a training: what train_all refuses to write to, its disk, its lock, and the installation."""

import json
from collections import namedtuple
from pathlib import Path

import pytest

from scripts.training import train_all
from scripts.training.stages import folder
from scripts.training.stages.stage import Choices

ROOT = Path(__file__).parents[3]


def failure(capsys, *words):
    code = train_all.main([str(word) for word in words])
    return code, capsys.readouterr().err.strip()


def test_a_folder_of_something_else_is_refused(tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("Dear")
    code, text = failure(capsys, tmp_path)
    assert (code, text) == (2, f"{tmp_path} has files that are not of a training. Choose a new or empty folder.")
    code, text = failure(capsys, tmp_path / "letter.txt")
    assert (code, text) == (2, f"{tmp_path / 'letter.txt'} is a file. Choose a folder.")
    code, text = failure(capsys, ROOT / "out")
    assert (code, text[: len(str(ROOT))]) == (2, str(ROOT))
    assert "is inside the repository" in text
    assert not (ROOT / "out").exists()


def test_a_folder_of_another_seed_or_scale_is_refused(tmp_path, capsys):
    folder.prepare_folder(tmp_path, Choices(seed=4))
    code, text = failure(capsys, tmp_path, "--seed", 5)
    assert code == 2
    assert "is of a training with --scale full --seed 4. Continue it with these, or choose another folder." in text


def test_a_full_disk_is_noticed_before_and_after(tmp_path, capsys, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda path: usage(2**40, 2**40, 2**30))
    code, text = failure(capsys, tmp_path / "t")
    assert code == 2
    assert "has 1.0 GB of free space, and the stages to run need about" in text
    monkeypatch.setattr(folder, "check_space", lambda path, gigabytes: None)
    monkeypatch.setattr(train_all, "check_space", lambda path, gigabytes: None)
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda path: usage(2**40, 2**40, 2**20))

    def no_space(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(train_all, "run_process", no_space)
    code, text = failure(capsys, tmp_path / "t")
    assert code == 1
    assert f"The disk of {tmp_path / 't'} is full: free some space." in text
    assert "To go on after mending it: python -m scripts.training.train_all" in text


def test_two_runs_do_not_work_in_one_folder(tmp_path, capsys):
    folder.prepare_folder(tmp_path, Choices())
    with folder.locked(tmp_path):
        code, text = failure(capsys, tmp_path)
    assert (code, text) == (2, f"Another run of train_all works in {tmp_path}. Wait for it, or end it first.")


def test_missing_files_of_the_user_and_a_missing_gpu_are_named(tmp_path, capsys, monkeypatch):
    code, text = failure(capsys, tmp_path / "t", "--pictures", tmp_path / "none")
    assert code == 2
    assert text.startswith(f"{tmp_path / 'none'} does not exist.")
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    code, text = failure(capsys, tmp_path / "t", "--device", "cuda")
    assert code == 2
    assert text.startswith("PyTorch finds no GPU. Use --device cpu")
    assert not (tmp_path / "t").exists()


@pytest.fixture
def models(tmp_path, monkeypatch):
    """(folder of a training, folder of the installed models) with texts for weights."""
    trained, installed = tmp_path / "trained", tmp_path / "installed"
    folder.prepare_folder(trained, Choices())
    (trained / "weights").mkdir()
    installed.mkdir()
    names = ["glide.safetensors", "image_tower.safetensors", "point_e.safetensors",
             "point_e_distilled.safetensors", "point_e_draft.safetensors", "shap_e.safetensors",
             "shap_e_distilled.safetensors", "shap_e_draft.safetensors", "vocabulary.json",
             "words.safetensors"]  # fmt: skip
    for name in names:
        (installed / name).write_text(f"old {name}")
    monkeypatch.setattr(folder, "INSTALLED", installed)
    return trained, installed, names


def test_all_models_are_installed_together(models):
    trained, installed, names = models
    for name in names:
        (trained / "weights" / name).write_text(f"new {name}")
    assert folder.install(trained) == names
    assert [(installed / name).read_text() for name in names] == [f"new {name}" for name in names]


def test_some_models_are_installed_if_vocabulary_and_words_stay(models):
    trained, installed, _ = models
    (trained / "weights/vocabulary.json").write_text("old vocabulary.json")
    (trained / "weights/glide.safetensors").write_text("new glide")
    assert folder.install(trained) == ["glide.safetensors", "vocabulary.json"]
    assert (installed / "glide.safetensors").read_text() == "new glide"
    (trained / "weights/vocabulary.json").write_text("new vocabulary")
    with pytest.raises(
        folder.Unusable, match=r"have another vocabulary .* point_e.safetensors.* Nothing was installed"
    ):
        folder.install(trained)
    assert (installed / "vocabulary.json").read_text() == "old vocabulary.json"


def test_toy_models_are_not_installed(models):
    trained, *_ = models
    (trained / folder.MARKER).write_text(json.dumps({"scale": "tiny", "seed": 0}))
    with pytest.raises(folder.Unusable, match="only show that all stages run"):
        folder.install(trained)
