# SPDX-License-Identifier: GPL-3.0-or-later
"""Panel, terminal, batch table, job folder and --json say the same sentences on a prompt."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from blender_text3d.addon.state.prompt_check import check_prompt
from blender_text3d.engine.conditioning.mini_models import caption_conditioner
from blender_text3d.engine.recipe import Recipe
from blender_text3d.engine.text.tokenizer import tokenize
from blender_text3d.prompts.vocabulary import read_vocabulary
from blender_text3d.protocol.events import Notice, event_from_json
from blender_text3d.protocol.job_folder import JobFolder
from scripts.cli.progress import JsonLines, ProgressLine

BATCH = Path(__file__).parents[2] / "scripts" / "batch_generate.py"
PROMPTS = {
    "unknown word": "a zorg riding a chair",
    "negation": "a chair without arms",
    "count": "three apples",
    "second object": "a mug on a red table",
    "beyond twelve words": "a tall blue chair with red legs and a green seat and yellow armrests, pink arms, big feet",
    "meaning": "a couch beside a dragon",
    "guess": "a bank",
    "foreign": "ein roter Stuhl ohne Lehne",
    "measurement": "a 2 m tall lamp",
    "style": "a low poly tree --ar 16:9",
    "no object": "a rock",
    "a kind and a stand-in": "a dragon on a couch without legs",
}
MADE = [PROMPTS["meaning"], "drei rote Äpfel, low poly, 2 m"]


@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e"])
@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_the_panel_the_job_the_terminal_and_json_have_the_same_sentences(trained_model, prompt, model, tmp_path):
    told = check_prompt(prompt, model).notice
    assert told
    recipe = Recipe(prompt, model, seed=1, steps=1, guidance=1, grid=16)
    conditioner = replace(caption_conditioner(torch.device("cpu")), vocabulary=read_vocabulary(model))
    assert conditioner(recipe).notice == told
    shown, printed, job = io.StringIO(), io.StringIO(), JobFolder(tmp_path)
    ProgressLine(shown, shown).event(job, Notice(message=told))
    JsonLines(printed).event(job, Notice(message=told))
    assert shown.getvalue() == f"{told}\n"
    assert json.loads(printed.getvalue())["message"] == told


def test_a_model_that_reads_free_text_says_its_own_limit_and_not_the_small_models():
    assert check_prompt("a zorg " * 80, "shap-e/text300M") is None
    assert "this was dropped" in tokenize("a zorg " * 80).notice
    assert tokenize("a couch, low poly").notice is None


@pytest.fixture(scope="module")
def batch(tmp_path_factory) -> tuple[subprocess.CompletedProcess, list[JobFolder]]:
    """A batch of MADE by the included model, and its job folders."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "prompts.txt").write_text("\n".join(MADE), encoding="utf-8")
    places = ["--prompts-file", folder / "prompts.txt", "--out", folder / "out", "--jobs-dir", folder / "jobs"]
    settings = ["--format", "glb", "--worker-python", sys.executable, "--steps", "2", "--grid", "16"]
    done = subprocess.run([sys.executable, BATCH, *places, *settings], capture_output=True, text=True, encoding="utf-8")
    return done, [JobFolder(path.parent) for path in (folder / "jobs").glob("2*/request.json")]


@pytest.mark.slow
@pytest.mark.parametrize("prompt", MADE)
def test_the_job_folder_and_the_table_of_a_batch_have_the_sentences_of_the_panel(batch, prompt):
    done, jobs = batch
    told = check_prompt(prompt, "mini/shap-e").notice
    assert done.stdout.count(f"    {told}\n") == 2  # when it is made, and in the table
    (job,) = [job for job in jobs if job.read_request().prompt == prompt]
    lines = (job.path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = map(event_from_json, lines)
    assert [event.message for event in events if isinstance(event, Notice)] == [told]
