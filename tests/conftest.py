"""A vocabulary of models of two trainings, which the included ones are not: none knows all kinds yet."""

import json

import pytest

from blender_text3d.addon.state import prompt_check
from blender_text3d.prompts import vocabulary

MODEL = "mini/shap-e"


@pytest.fixture
def trained_model(monkeypatch, tmp_path):
    """Let the small Shap-E read prompts with the words of all kinds; yields its name."""
    data = json.loads(vocabulary.FILE.read_text(encoding="utf-8"))
    data["models"] = [MODEL]
    for entry in data["earlier"]:
        entry["models"] = [name for name in entry["models"] if name != MODEL]
    (tmp_path / "vocabulary.json").write_text(json.dumps(data), encoding="utf-8")
    monkeypatch.setattr(vocabulary, "FILE", tmp_path / "vocabulary.json")
    clear_caches()
    yield MODEL
    clear_caches()


def clear_caches():
    """Let the file of the vocabulary be read again."""
    vocabulary.read_vocabulary.cache_clear()
    prompt_check._check.cache_clear()
