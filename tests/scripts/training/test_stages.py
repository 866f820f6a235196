# SPDX-License-Identifier: GPL-3.0-or-later
"""train_all: its plan, which stages it skips, continues and makes again, and what it says when it cannot go on."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.training import train_all
from scripts.training.stages import code_version, record
from scripts.training.stages.images import DRAWINGS
from scripts.training.stages.plan import EVALUATION, MODELS, PROCESSOR, all_stages, plan
from scripts.training.stages.process import StageFailed
from scripts.training.stages.shap_e import VOCABULARY
from scripts.training.stages.stage import Choices, Other, Read, Stage, Write

ROOT = Path(__file__).parents[3]
ALL = [*MODELS, EVALUATION]
TINY = Choices(is_tiny=True, cores=1)


def vocabulary_stage(*words):
    return Stage("data.vocabulary", "data.vocabulary", (Write(VOCABULARY), *words), 0.1)


def drawings_stage(count, **options):
    arguments = Write(DRAWINGS), "--drawings", count
    return Stage("tower.drawings", "images.flat_pictures", arguments, 0.1, **options)


def run_of(path, *stages, **options):
    return train_all.Run(path, list(stages), **({"any_code": False} | options))


def make(path, *stages, **options):
    """Run stages that are not done; return the states before."""
    run = run_of(path, *stages, **options)
    states = dict(run.states)
    train_all.make_all(run, TINY)
    return list(states.values())


def contents(path):
    return {file.name: file.read_bytes() for file in sorted((path / DRAWINGS).glob("*.png"))}


@pytest.mark.parametrize(
    "choices", [TINY, Choices(), Choices(device="cuda", cores=8, pictures=("/a",), letters=("/b",))]
)
def test_every_input_is_an_output_of_an_earlier_stage(choices):
    written = set()
    for stage in all_stages(choices):
        assert set(stage.inputs) <= written, stage.name
        assert not written & set(stage.outputs), stage.name
        assert stage.outputs, stage.name
        written |= set(stage.outputs)


def test_the_stages_of_a_model_are_those_that_it_needs():
    names = {model: [stage.name for stage in plan([model], Choices())] for model in MODELS}
    assert names["glide"] == ["data.vocabulary", "glide.views", "glide.network", "glide.weights"]
    assert {name.split(".")[0] for name in names["tower"]} == {"tower"}
    assert "shap-e.prior-0" in names["point-e"]
    assert "shap-e.prior-1" not in names["point-e"]
    assert not any(name.startswith("evaluation.") for some in names.values() for name in some)
    assert [stage.name for stage in plan(ALL, Choices())] == [stage.name for stage in all_stages(Choices())]
    assert "evaluation.tower" in [stage.name for stage in plan(["tower", EVALUATION], Choices())]


def test_pictures_of_the_users_are_other_things_for_the_tower():
    stages = {stage.name: stage for stage in plan(["tower"], Choices(pictures=("/clipart",), fonts=("/font.ttf",)))}
    assert stages["tower.flat-pictures"].others == ["/clipart", "/font.ttf"]
    assert stages["tower.weights"].others == ["/clipart"]


def test_full_stages_have_expected_hours_and_sizes():
    stages = all_stages(Choices())
    assert all(stage.hours > 0 for stage in stages)
    assert 10 < sum(stage.hours for stage in stages) < 60
    assert sum(stage.gigabytes for stage in stages) > 5


def test_a_stage_is_run_once(tmp_path):
    stages = vocabulary_stage(), drawings_stage(3)
    assert make(tmp_path, *stages) == ["new", "new"]
    before = contents(tmp_path)
    (tmp_path / "logs").rename(tmp_path / "moved")
    assert make(tmp_path, *stages) == ["done", "done"]
    assert not (tmp_path / "logs").exists()
    assert len(before) == 3
    assert contents(tmp_path) == before


def test_the_same_stages_write_the_same_bytes_elsewhere(tmp_path):
    for name in ("one", "two"):
        make(tmp_path / name, vocabulary_stage(), drawings_stage(3))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (tmp_path / "one" / VOCABULARY).read_bytes() == (tmp_path / "two" / VOCABULARY).read_bytes()
    assert (ROOT / "blender_text3d/engine/mini/vocabulary.json").read_bytes() == (
        tmp_path / "one" / VOCABULARY
    ).read_bytes()


def test_another_command_another_input_and_other_code_make_a_stage_again(tmp_path, monkeypatch):
    font = tmp_path / "letters.ttf"
    shutil.copy(next((ROOT / "tests").rglob("*.py")), font)
    stage = drawings_stage(2)
    with_file = Stage(stage.name, stage.module, (*stage.arguments, "--pictures", Other(font)), 0.1)
    make(tmp_path / "t", stage)
    assert make(tmp_path / "t", drawings_stage(3)) == ["changed command"]
    assert len(contents(tmp_path / "t")) == 3
    make(tmp_path / "t", with_file)
    font.write_text("other")
    assert run_of(tmp_path / "t", with_file).states == {"tower.drawings": "changed inputs"}
    make(tmp_path / "t", stage)
    monkeypatch.setattr(record, "code_version", lambda module: "other")
    assert run_of(tmp_path / "t", stage, any_code=True).states == {"tower.drawings": "done"}
    assert run_of(tmp_path / "t", stage).states == {"tower.drawings": "changed code"}


def test_what_other_code_made_is_not_taken_for_what_this_code_makes(tmp_path, monkeypatch):
    first, second = vocabulary_stage(), drawings_stage(2, also_reads=(VOCABULARY,))
    make(tmp_path, first)
    monkeypatch.setattr(record, "code_version", lambda module: "other")
    assert make(tmp_path, first, second, any_code=True) == ["done", "new"]
    assert make(tmp_path, first) == ["changed code"]
    expected = {first.name: "done", second.name: "changed inputs"}
    assert run_of(tmp_path, first, second).states == run_of(tmp_path, first, second, any_code=True).states == expected


def test_an_unfinished_stage_is_not_continued_by_other_code(tmp_path, monkeypatch):
    stage = drawings_stage(2, resumes=True)
    record.write_record(tmp_path, stage, run_of(tmp_path, stage).identities[stage.name], 7.0, is_complete=False)
    assert run_of(tmp_path, stage, any_code=True).states == {stage.name: "interrupted"}
    monkeypatch.setattr(record, "code_version", lambda module: "other")
    assert run_of(tmp_path, stage, any_code=True).states == {stage.name: "changed code"}


def test_a_change_of_an_earlier_stage_reaches_the_later_ones(tmp_path):
    stages = plan(["glide"], TINY)
    other = [Stage(s.name, s.module, (*s.arguments, "--x"), s.hours) if s.name == "glide.views" else s for s in stages]
    before, after = (run_of(tmp_path, *some).identities for some in (stages, other))
    changed = [name for name in before if before[name].hash != after[name].hash]
    assert changed == ["glide.views", "glide.network", "glide.weights"]


def test_a_damaged_output_is_made_again(tmp_path):
    make(tmp_path, drawings_stage(2))
    before = contents(tmp_path)
    (tmp_path / DRAWINGS / "00001.png").unlink()
    assert make(tmp_path, drawings_stage(2)) == ["damaged"]
    assert contents(tmp_path) == before


@pytest.mark.parametrize("resumes", [True, False])
def test_an_interrupted_stage_continues_if_it_can_and_starts_anew_otherwise(tmp_path, resumes):
    stage = drawings_stage(2, resumes=resumes)
    run = run_of(tmp_path, stage)
    record.write_record(tmp_path, stage, run.identities[stage.name], 7.0, is_complete=False)
    (tmp_path / DRAWINGS).mkdir()
    (tmp_path / DRAWINGS / "kept").touch()
    assert make(tmp_path, stage) == ["interrupted"]
    assert (tmp_path / DRAWINGS / "kept").exists() == resumes
    assert (record.read_record(tmp_path, stage)["seconds"] >= 7.0) == resumes


def test_files_without_a_record_are_left_alone(tmp_path):
    (tmp_path / VOCABULARY).parent.mkdir()
    (tmp_path / VOCABULARY).write_text("mine")
    with pytest.raises(record.ForeignFiles, match=r"vocabulary.json exists, but vocabulary.json.json next to it"):
        run_of(tmp_path, vocabulary_stage())
    assert (tmp_path / VOCABULARY).read_text() == "mine"


def test_a_failing_stage_says_why_and_where_its_log_is(tmp_path):
    broken = Stage("tower.drawings", "images.flat_pictures", (Write(DRAWINGS), "--drawings", "many"), 0.1)
    with pytest.raises(
        StageFailed, match=r"failed with exit code 2: .*invalid int value: 'many'. Its log: .*drawings.log"
    ):
        make(tmp_path, broken)
    assert run_of(tmp_path, broken).states == {"tower.drawings": "interrupted"}


def test_a_stage_that_writes_nothing_is_not_done(tmp_path):
    silent = Stage("data.nothing", "data.colors", (Write("weights/nothing.json"),), 0.1)
    with pytest.raises(StageFailed, match=r"ended without .*nothing.json, which it should have written"):
        make(tmp_path, silent)


def test_comments_do_not_change_the_version_of_the_code_and_statements_do(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    used, module = tmp_path / "a/used.py", tmp_path / "a/main.py"
    module.write_text("def run():\n    from . import used\n    return used\n")

    def version(text):
        used.write_text(text)
        for name in ("file_of", "imported", "statements_hash", "parsed"):
            getattr(code_version, name).cache_clear()
        return code_version.code_version("a.main")

    first = version("x = 1\n")
    assert version('"""Words."""\n\nx = 1  # one\n') == first
    assert version("x = 2\n") != first


def test_the_code_of_a_trainer_has_what_it_imports():
    for function in (code_version.file_of, code_version.imported):
        function.cache_clear()
    seen, names = set(), ["scripts.training.train.prior"]
    while names:
        name = names.pop()
        path = code_version.file_of(name)
        if path and name not in seen:
            seen.add(name)
            names += code_version.imported(path, name)
    assert {"scripts.training.train.loop", "scripts.training.shapes.furniture", "blender_text3d.engine.nn.transformer",
            "scripts.training.evaluate.latent_classifier", "blender_text3d.prompts.vocabulary"} <= seen  # fmt: skip
    assert "scripts.training.train.glide" not in seen


def start(path, *words):
    """Start the command in a process of its own group."""
    command = [sys.executable, "-m", "scripts.training.train_all", path, "--scale", "tiny", "--cores", "1", *words]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def wait_for(condition):
    deadline = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_says_what_is_done_and_how_to_go_on(tmp_path):
    process = start(tmp_path, "--models", "glide")
    wait_for(lambda: (tmp_path / "images/views.json").exists())
    process.send_signal(signal.SIGINT)
    printed, errors = process.communicate(timeout=600)
    assert process.returncode == 130
    assert "[1 of 4] data.vocabulary" in printed
    assert "Stopped. Done: data.vocabulary. glide.views is unfinished" in errors
    assert f"To go on: python -m scripts.training.train_all {tmp_path} --scale tiny --cores 1 --models glide" in errors
    assert "Traceback" not in errors


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_killed_run_leaves_no_process_behind(tmp_path):
    process = start(tmp_path, "--models", "glide")
    wait_for(lambda: (tmp_path / "images/views.json").exists())
    wait_for(lambda: children_of(process.pid))
    (child,) = children_of(process.pid)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=600)
    wait_for(lambda: not group_runs(child))


def children_of(pid):
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    return [int(word) for word in out.split()]


def group_runs(leader):
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_dry_run_prints_the_stages_and_writes_nothing(tmp_path, capsys):
    assert train_all.main([str(tmp_path / "t"), "--dry-run", "--models", "tower"]) == 0
    printed = capsys.readouterr().out
    assert "1. tower.images (to run, about 12 min)" in printed
    assert "python -m scripts.training.images.image_dataset images/train --shapes 12000" in printed
    assert "0 of 8 stages are done. The rest takes about" in printed
    assert not (tmp_path / "t").exists()


def test_the_time_that_remains_follows_the_pace_of_the_finished_stages(tmp_path):
    stages = vocabulary_stage(), drawings_stage(2)
    run = run_of(tmp_path, *stages)
    assert run.remaining(run.pace()) == "12 min"
    run.make(stages[0])
    record.write_record(tmp_path, stages[0], run.identities[stages[0].name], 1080.0, is_complete=True)
    assert run.pace() == pytest.approx(3.0)
    assert run.remaining(run.pace()) == "18 min"
    assert [train_all.duration(value) for value in (7200, 99, 1)] == ["2.0 h", "99 s", "1 s"]


def test_the_paths_of_a_command_are_marked_as_what_they_are():
    for stage in all_stages(Choices()):
        plain = [value for value in stage.arguments if type(value) is str and not value.startswith("--")]
        assert set(plain) <= {"cpu", "seen", "all", "point-e"}, stage.name
        assert all(not isinstance(value, Read) or value in stage.inputs for value in stage.arguments)


def test_the_page_has_every_stage_and_the_hours_of_all():
    stages = all_stages(Choices(pictures=("/clipart",)))
    text = (ROOT / "docs/making-the-small-models.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `") and ".csv" not in line]
    rows = [line.strip("| ").split(" | ") for line in lines]
    hours = {name: row[2] for row in rows for name in row[0].replace("`", "").split(", ")}
    assert list(hours) == [stage.name for stage in sorted(stages, key=lambda stage: list(hours).index(stage.name))]
    for names, _, stated in rows:
        total = sum(stage.hours for stage in stages if f"`{stage.name}`" in names)
        assert float(stated.replace("–", "0")) == pytest.approx(total, abs=0.1)
    assert f"in about {sum(stage.hours for stage in all_stages(Choices())):.0f} hours on {PROCESSOR}" in text
