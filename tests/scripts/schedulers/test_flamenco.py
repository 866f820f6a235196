# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flamenco job type, compiled in Node with what the manager gives such scripts; its commands are run."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worker.scripted_python import scripted_python

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPT = REPOSITORY / "scripts" / "schedulers" / "flamenco" / "text3d_objects.js"
NODE = shutil.which("node")
# Of the manager's API description, schemas AvailableJobSetting and below.
TYPES = {"string", "int32", "float", "bool"}
SUBTYPES = {"file_path", "dir_path", "file_name", "hashed_file_path"}
VISIBILITIES = {"visible", "hidden", "submission", "web"}
KEYS = {
    *("key", "type", "subtype", "choices", "propargs", "description", "label", "default", "eval", "evalInfo"),
    *("visible", "required", "editable"),
}
SETTINGS = {"list": "/shared/prompts.csv", "output_folder": "/shared/objects", "parts": 3}

pytestmark = pytest.mark.skipif(not NODE, reason="Node is not installed")


def compiled(**settings):
    """Return what the script makes of a job with these settings besides SETTINGS; None removes one."""
    given = {key: value for key, value in (SETTINGS | settings).items() if value is not None}
    command = [
        NODE,
        str(Path(__file__).with_name("flamenco_manager.mjs")),
        str(SCRIPT),
        json.dumps({"settings": given}),
    ]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_each_part_is_a_task_that_runs_the_chunk_command():
    result = compiled(quality="draft", seed=7)
    assert result["error"] == ""
    *parts, finish = result["tasks"]
    for number, task in enumerate(parts, start=1):
        assert (task["name"], task["type"], task["dependencies"]) == (f"part-{number}", "misc", [])
        (command,) = task["commands"]
        assert (command["name"], command["parameters"]["exe"]) == ("exec", "{text3dPython}")
        options = ["--jobs", "/shared/prompts.csv", "--out", "/shared/objects", "--model", "mini/shap-e"]
        options += ["--quality", "draft", "--seed", "7"]
        own = ["--part", f"{number}/3", "--accept-final-failures"]
        assert command["parameters"]["args"] == ["-B", "{text3d}/scripts/generate.py", *options, *own]
    assert len(parts) == 3
    assert (finish["name"], finish["dependencies"]) == ("finish", ["part-1", "part-2", "part-3"])
    assert finish["commands"][0]["parameters"]["args"][2:] == [*options, "--finish"]


def test_a_job_without_optional_settings_has_the_defaults():
    result = compiled(parts=None)
    assert [task["name"] for task in result["tasks"][:-1]] == [f"part-{number}" for number in range(1, 11)]
    assert result["tasks"][-1]["commands"][0]["parameters"]["args"][-7:-1] == [
        *("--model", "mini/shap-e", "--quality", "standard", "--seed", "1")
    ]


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"parts": 0}, "Parts is 0. Set it to a number from 1 to 10000."),
        ({"parts": 10001}, "Parts is 10001."),
        ({"parts": 2.5}, "Parts is 2.5."),
        ({"parts": "3"}, "Parts is 3."),
        ({"list": None}, "The job has no list."),
        ({"output_folder": ""}, "The job has no output_folder."),
        ({"model": ""}, "The job has no model."),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(settings, error):
    result = compiled(**settings)
    assert result["error"].startswith(error)
    assert result["tasks"] == []


def test_the_settings_are_those_that_the_manager_knows():
    job_type = compiled()["jobType"]
    settings = {setting["key"]: setting for setting in job_type["settings"]}
    assert len(settings) == len(job_type["settings"])
    for setting in settings.values():
        assert set(setting) <= KEYS
        assert setting["type"] in TYPES
        assert setting.get("subtype", "file_path") in SUBTYPES
        assert setting.get("visible", "visible") in VISIBILITIES
        assert setting["type"] == "string" or not {"choices", "subtype"} & set(setting)
        assert setting.get("required") or "default" in setting


def test_its_command_makes_the_objects_of_a_part(tmp_path):
    (tmp_path / "prompts.txt").write_text("a red chair\na blue mug\na green table\n", encoding="utf-8")
    result = compiled(list=str(tmp_path / "prompts.txt"), output_folder=str(tmp_path / "out"), parts=2)
    variables = {"{text3d}": str(REPOSITORY), "{text3dPython}": sys.executable}
    parameters = result["tasks"][1]["commands"][0]["parameters"]
    words = [parameters["exe"], *parameters["args"], "--python", str(scripted_python(tmp_path))]
    for name, value in variables.items():
        words = [word.replace(name, value) for word in words]
    subprocess.run(words, check=True, capture_output=True)
    folders = (tmp_path / "out" / "objects").iterdir()
    facts = [json.loads((folder / f"{folder.name}.json").read_text(encoding="utf-8")) for folder in folders]
    assert sorted(values["prompt"] for values in facts) == ["a blue mug", "a green table"]
