# SPDX-License-Identifier: GPL-3.0-or-later
"""Vocabularies of models of two trainings and of one, whatever the included models know."""

import json

import pytest

from blender_text3d.addon.state import prompt_check
from blender_text3d.prompts import vocabulary

MODEL = "mini/shap-e"


@pytest.fixture
def trained_model(monkeypatch, tmp_path):
    """Let the small Shap-E read prompts with the words of all kinds; yields its name."""
    with_models(monkeypatch, tmp_path, latest=[MODEL])
    yield MODEL
    clear_caches()


@pytest.fixture
def untrained_model(monkeypatch, tmp_path):
    """Let the small Shap-E read prompts with the words of an earlier training, as all others do; yields its name."""
    with_models(monkeypatch, tmp_path, latest=[])
    yield MODEL
    clear_caches()


def with_models(monkeypatch, folder, latest):
    """Let a vocabulary be read of which these models know all words, and the small Shap-E else those of the earlier."""
    data = json.loads(vocabulary.FILE.read_text(encoding="utf-8"))
    data["models"] = latest
    for entry in data["earlier"]:
        others = [name for name in entry["models"] if name != MODEL]
        entry["models"] = others if MODEL in latest else [MODEL, *others]
    (folder / "vocabulary.json").write_text(json.dumps(data), encoding="utf-8")
    monkeypatch.setattr(vocabulary, "FILE", folder / "vocabulary.json")
    clear_caches()


def clear_caches():
    """Let the file of the vocabulary be read again."""
    vocabulary.read_vocabulary.cache_clear()
    prompt_check._check.cache_clear()
