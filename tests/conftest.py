# SPDX-License-Identifier: GPL-3.0-or-later
"""Vocabularies of models of two trainings and of one, whatever the included models know."""

import pytest

from blender_text3d.addon.state import prompt_check
from blender_text3d.prompts import vocabulary
from tests.earlier_words import write_vocabulary

MODEL, EARLIER = "mini/shap-e", "mini/point-e"


@pytest.fixture
def trained_model(monkeypatch, tmp_path):
    """Let the small Shap-E read prompts with the words of all kinds, and Point-E with those of an earlier training.

    Yields the name of the first.
    """
    with_models(monkeypatch, tmp_path, latest=[MODEL], earlier=[EARLIER])
    yield MODEL
    clear_caches()


@pytest.fixture
def untrained_model(monkeypatch, tmp_path):
    """Let the small Shap-E and Point-E read prompts with the words of an earlier training; yields the first's name."""
    with_models(monkeypatch, tmp_path, latest=[], earlier=[MODEL, EARLIER])
    yield MODEL
    clear_caches()


def with_models(monkeypatch, folder, latest, earlier):
    """Let a vocabulary be read of which some models know all words, and some those of the first training."""
    path = write_vocabulary(folder / "vocabulary.json", latest=latest, earlier=earlier)
    monkeypatch.setattr(vocabulary, "FILE", path)
    clear_caches()


def clear_caches():
    """Let the file of the vocabulary be read again."""
    vocabulary.read_vocabulary.cache_clear()
    prompt_check._check.cache_clear()
