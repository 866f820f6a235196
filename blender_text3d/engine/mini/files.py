# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of the small models' files."""

import os
from pathlib import Path

VARIABLE = "BLENDER_TEXT3D_SMALL_MODELS"
"""Environment variable: a folder of files in place of the included ones, such as `scripts.training.train_all` makes."""
FOLDER = Path(os.environ.get(VARIABLE) or Path(__file__).parent)
WORDS_WEIGHTS = FOLDER / "words.safetensors"
SHAP_E_WEIGHTS = FOLDER / "shap_e.safetensors"
DISTILLED_SHAP_E_WEIGHTS = FOLDER / "shap_e_distilled.safetensors"
DRAFT_SHAP_E_WEIGHTS = FOLDER / "shap_e_draft.safetensors"
POINT_E_WEIGHTS = FOLDER / "point_e.safetensors"
DISTILLED_POINT_E_WEIGHTS = FOLDER / "point_e_distilled.safetensors"
DRAFT_POINT_E_WEIGHTS = FOLDER / "point_e_draft.safetensors"
IMAGE_TOWER_WEIGHTS = FOLDER / "image_tower.safetensors"
GLIDE_WEIGHTS = FOLDER / "glide.safetensors"
VOCABULARY = FOLDER / "vocabulary.json"
