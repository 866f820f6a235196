# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of an OpenJD bundle."""

import json
from pathlib import Path

import pytest
import yaml
from PIL import Image

from scripts.schedulers import make_openjd_bundle

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def make(tmp_path, capsys):
    """A function that makes a bundle of a list; returns (exit code, stdout, stderr)."""

    def main(text, *options, name="prompts.txt"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        files = ["--jobs", str(tmp_path / name), "--out", str(tmp_path / "out"), "--bundle", str(tmp_path / "bundle")]
        return make_openjd_bundle.main([*files, *options]), *capsys.readouterr()

    return main


def content(tmp_path, name):
    return json.loads((tmp_path / "bundle" / name).read_text(encoding="utf-8"))


def test_the_parameters_are_those_of_the_template(make, tmp_path):
    code, out, err = make(
        "prompt,seed\na red chair,3\n# a comment\na blue mug,\n",
        "--quality",
        "draft",
        "--seed",
        "9",
        name="prompts.csv",
    )
    assert (code, out, err) == (0, f"{tmp_path / 'bundle'}\n", "")
    template = yaml.safe_load((tmp_path / "bundle" / "template.yaml").read_text(encoding="utf-8"))
    values = content(tmp_path, "parameters.json")
    assert values.keys() == {definition["name"] for definition in template["parameterDefinitions"]}
    assert (values["Entries"], values["Quality"], values["Seed"], values["Gpus"]) == ("1-2", "draft", 9, 0)
    assert (values["List"], values["OutputFolder"]) == (str(tmp_path / "prompts.csv"), str(tmp_path / "out"))
    assert values["ProgramFolder"] == str(REPOSITORY)


def test_deadline_cloud_reads_the_same_values_and_retries_twice(make, tmp_path):
    make("a red chair\n")
    stored = {entry["name"]: entry["value"] for entry in content(tmp_path, "parameter_values.json")["parameterValues"]}
    assert stored.pop("deadline:maxRetriesPerTask") == 2
    assert stored == content(tmp_path, "parameters.json")


def test_files_that_entries_name_are_asset_references(make, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "chair.png")
    lines = [{"image": "chair.png"}, {"prompt": "a mug", "image": str(tmp_path / "chair.png")}, {"prompt": "a mug"}]
    code, _, err = make("\n".join(map(json.dumps, lines)), name="prompts.jsonl")
    assert code == 0, err
    references = content(tmp_path, "asset_references.json")["assetReferences"]
    assert references["inputs"] == {"filenames": [str(tmp_path / "chair.png")], "directories": []}


def test_entries_that_cannot_be_used_are_told_and_nothing_is_written(make, tmp_path):
    lines = ['{"prompt": "a chair"}', '{"prompt": "half', '{"prompt": "a mug", "model": "no/such"}']
    code, _, err = make("\n".join(lines), name="prompts.jsonl")
    assert code == 2
    assert "line 2: The line is not JSON" in err
    assert "no/such" in err
    assert "2 of 3 entries cannot be used. Correct them; nothing was written." in err
    assert not (tmp_path / "bundle").exists()


def test_only_the_first_of_many_bad_entries_are_told(make):
    _, _, err = make("\n".join(['{"prompt": "half'] * 50), name="prompts.jsonl")
    assert len(err.splitlines()) == make_openjd_bundle.MAX_SHOWN + 1


@pytest.mark.parametrize(
    "options",
    [["--model", "no/such"], ["--quality", "best"], ["--seed", "-1"], ["--bundle", "FILE"], ["--out", "FILE"]],
)
def test_an_option_that_cannot_be_used_is_refused(make, tmp_path, options):
    (tmp_path / "FILE").touch()
    code, out, err = make("a red chair\n", *(option.replace("FILE", str(tmp_path / "FILE")) for option in options))
    assert (code, out) == (2, "")
    assert err.count("\n") in (1, 2)
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize("size", ["0", "-3", "many", "٣", "99999999999"])
def test_a_chunk_has_at_least_one_entry(make, size, capsys):
    with pytest.raises(SystemExit, match="2"):
        make("a red chair\n", f"--chunk-size={size}")
    assert "is not a whole number from 1" in capsys.readouterr().err


def test_a_bundle_replaces_an_earlier_one(make, tmp_path):
    make("a red chair\n")
    make("a red chair\na blue mug\n")
    assert content(tmp_path, "parameters.json")["Entries"] == "1-2"
    assert sorted(path.name for path in (tmp_path / "bundle").iterdir()) == [
        *("asset_references.json", "parameter_values.json", "parameters.json", "template.yaml")
    ]
