# SPDX-License-Identifier: GPL-3.0-or-later
"""generate.py --jobs with the real worker and the scripted engine."""

import hashlib
import json
import shlex
import shutil
import subprocess
import sys
import tarfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
import trimesh
from PIL import Image
from pyarrow import parquet

from blender_text3d.batch import make_chunk, shard_size
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.engine.image.judge import judged
from blender_text3d.system.machine import kernel_id
from scripts import generate
from tests.worker.scripted_python import scripted_python


@pytest.fixture
def run(tmp_path, capsys):
    """A function that makes a chunk of these lines and returns (exit code, stdout, stderr)."""

    def main(*lines, options=()):
        text = "\n".join(line if str(line)[0] == "{" and isinstance(line, str) else json.dumps(line) for line in lines)
        (tmp_path / "chunk.jsonl").write_text(text, encoding="utf-8")
        files = ["--jobs", str(tmp_path / "chunk.jsonl"), "--out", str(tmp_path / "out")]
        code = generate.main([*files, "--python", str(scripted_python(tmp_path)), *options])
        return code, *capsys.readouterr()

    return main


def folders(tmp_path):
    return sorted((tmp_path / "out" / "objects").iterdir())


def names_in(folder):
    return sorted(path.name.removeprefix(folder.name) for path in folder.iterdir())


def failures(tmp_path):
    path = tmp_path / "out" / "failed.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def rows(tmp_path):
    return parquet.read_table(tmp_path / "out" / "manifest.parquet").to_pylist()


def facts(tmp_path):
    return [json.loads((folder / f"{folder.name}.json").read_text()) for folder in folders(tmp_path)]


def test_each_line_has_a_folder_with_object_picture_and_facts(run, tmp_path):
    code, out, err = run({"prompt": "a red chair", "seed": 3, "size": 0.5}, {"prompt": "a blue mug"})
    assert code == 0, err
    assert sorted(out.splitlines()) == [str(folder) for folder in folders(tmp_path)]
    for folder in folders(tmp_path):
        assert names_in(folder) == [".glb", ".json", ".row", ".webp"]
        assert len(trimesh.load(folder / f"{folder.name}.glb", force="mesh").faces) == 4
        assert Image.open(folder / f"{folder.name}.webp").format == "WEBP"
    chair = next(values for values in facts(tmp_path) if values["prompt"] == "a red chair")
    assert (chair["seed"], chair["faces"], chair["vertices"], chair["parts"], chair["watertight"]) == (3, 4, 4, 1, True)
    assert max(chair["box_m"]) == pytest.approx(0.5)
    assert (chair["weights_sha256"], chair["license"]) == ("0" * 64, "GPL-3.0-or-later")


def test_the_facts_have_bytes_and_hash_of_each_file(run, tmp_path):
    run("a red chair", options=["--latents"])
    ((folder,), (values,)) = folders(tmp_path), facts(tmp_path)
    assert sorted(values["files"]) == ["glb", "latent.npz", "webp"]
    for ending, file in values["files"].items():
        content = (folder / f"{folder.name}.{ending}").read_bytes()
        assert file == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def test_a_second_run_makes_nothing(run, tmp_path):
    run({"prompt": "a red chair"}, {"prompt": "a blue mug"})
    times = [folder.stat().st_mtime_ns for folder in folders(tmp_path)]
    code, _, err = run({"prompt": "a red chair"}, {"prompt": "a blue mug"})
    assert (code, "0 made, 2 existed" in err) == (0, True)
    assert [folder.stat().st_mtime_ns for folder in folders(tmp_path)] == times


def test_more_lines_than_jobs_at_once_are_made(run, monkeypatch):
    monkeypatch.setattr(make_chunk, "MAX_JOBS", 2)
    lines = [{"prompt": f"chair {number}"} for number in range(5)]
    assert "5 made, 0 existed" in run(*lines)[2]
    assert "1 made, 5 existed" in run(*lines, {"prompt": "a mug"})[2]


def test_a_second_run_makes_what_is_missing(run, tmp_path):
    run("a red chair", "a blue mug")
    shutil.rmtree(folders(tmp_path)[0])
    assert "1 made, 1 existed" in run("a red chair", "a blue mug")[2]
    assert len(folders(tmp_path)) == 2


def test_bad_lines_are_named_and_the_others_are_made(run, tmp_path):
    lines = [{"prompt": "a red chair"}, '{"prompt": "half', {"prompt": "a mug", "model": "no/such"}, ["a", "list"]]
    code, _, err = run(*lines, {"prompt": "a table", "image": "none.png"}, {"prompt": "a blue mug"})
    assert code == 1
    for place in ("line 2: The line is not JSON", "line 3: ", "line 4: ", "line 5: There is no file"):
        assert place in err
    assert "no/such" in err
    assert "2 made, 0 existed, 0 repeated, 4 failed" in err
    assert len(folders(tmp_path)) == 2


def test_equal_lines_are_made_once(run, tmp_path):
    code, _, err = run({"prompt": "a red chair"}, {"prompt": "a red chair", "seed": 1}, {"prompt": " a red chair "})
    assert (code, "1 made, 0 existed, 2 repeated, 0 failed" in err) == (0, True)
    assert "line 3: The same object as line 1, made once." in err


def test_a_count_makes_consecutive_seeds(run, tmp_path):
    run({"prompt": "a red chair", "count": 3, "seed": 5})
    assert sorted(values["seed"] for values in facts(tmp_path)) == [5, 6, 7]


def test_a_failure_is_recorded_and_the_third_is_final(run, tmp_path):
    for attempt in (1, 2, 3):
        code, _, err = run("a red chair", "a crash")
        assert (code, "1 failed" in err) == (1, True)
        last = failures(tmp_path)[-1]
        assert (last["attempt"], last["prompt"], last["is_final"]) == (attempt, "a crash", attempt == 3)
        assert "do not fit" in last["reason"]
    code, _, err = run("a red chair", "a crash")
    assert (code, "1 existed, 0 repeated, 0 failed" in err, "a crash (1) skipped It failed 3 times" in err) == (
        1,
        True,
        True,
    )
    assert len(failures(tmp_path)) == 3
    assert "1 failed" in run("a crash", options=["--retry-failed"])[2]
    assert [line["attempt"] for line in failures(tmp_path)] == [1, 2, 3, 4]


def test_a_failure_has_the_whole_recipe_and_a_command_that_asks_for_the_same(run, tmp_path):
    run({"prompt": "a crash", "seed": 7, "size": 0.5})
    (failure,) = failures(tmp_path)
    options = generate.options_from(shlex.split(failure["command"])[2:])
    (request,) = generate.requests_from(options)
    assert request.to_values() == failure["recipe"]
    assert (request.seed, request.size_m) == (7, 0.5)


def test_a_success_clears_the_failures_of_its_object_alone(run, tmp_path):
    run("a red chair")
    ((folder,), store) = folders(tmp_path), ObjectStore(tmp_path / "out")
    shutil.rmtree(folder)
    for name in (folder.name, "other", folder.name):
        store.failures.record({"id": name})
    assert "1 made" in run("a red chair")[2]
    assert [line["id"] for line in failures(tmp_path)] == ["other"]
    assert [row["attempt"] for row in rows(tmp_path)] == [3]
    store.failures.record({"id": folder.name})
    run("a red chair", "a blue mug")  # another process made it
    assert [line["id"] for line in failures(tmp_path)] == ["other"]


def test_a_worker_that_dies_loses_only_its_job(run, tmp_path):
    code, _, err = run("a red chair", "a die-in-sample", "a blue mug")
    assert (code, "2 made, 0 existed, 0 repeated, 1 failed" in err) == (1, True)


def test_a_worker_that_cannot_start_stops_the_chunk(run, tmp_path):
    code, _, err = run("a red chair", "a blue mug", options=["--python", str(tmp_path / "none")])
    assert (code, err.count("Finished objects are kept.")) == (1, 1)
    assert not (tmp_path / "out" / "failed.jsonl").exists()


def test_json_lines_tell_each_outcome(run):
    _, out, _ = run("a red chair", "a crash", "{", options=["--json"])
    states = sorted((line["place"], line["state"]) for line in map(json.loads, out.splitlines()))
    assert states == [("line 1", "made"), ("line 2", "failed"), ("line 3", "refused")]


def test_nothing_but_the_objects_is_left(run, tmp_path):
    run("a red chair")
    assert [path.name for path in (tmp_path / "out" / ".work").iterdir()] == ["manifest"]  # a lock
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".work",
        "manifest.parquet",
        "objects",
        "weights.json",
    ]


def test_unfinished_work_of_a_dead_process_is_removed(run, tmp_path):
    abandoned = ObjectStore(tmp_path / "out").out / ".work" / f"{kernel_id()}-1-dead"
    abandoned.mkdir()
    (abandoned / "in-use").touch()
    run("a red chair")
    assert not abandoned.exists()


def test_clouds_are_written_as_points(run, tmp_path):
    run({"prompt": "a red chair", "result": "cloud"}, {"prompt": "a red chair", "result": "both"})
    names = sorted(map(names_in, folders(tmp_path)))
    assert names == [[".cloud.glb", ".glb", ".json", ".row", ".webp"], [".glb", ".json", ".row", ".webp"]]
    cloud = next(values for values in facts(tmp_path) if values["points"])
    assert (cloud["points"], cloud["faces"], cloud["watertight"], cloud["parts"]) == (4, 0, None, None)


@pytest.mark.parametrize("options", [["a chair"], ["--format", "obj"], ["--compare"], ["--prompts-file", "x.txt"]])
def test_options_without_effect_are_refused(run, tmp_path, options):
    code, _, err = run("a red chair", options=options)
    assert (code, "--jobs takes no" in err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_shards_hold_what_was_made_and_nothing_is_made_again(run, tmp_path):
    lines = [{"prompt": f"chair {number}"} for number in range(5)]
    assert run(*lines, options=["--shards", "2"])[0] == 0
    shards = tmp_path / "out" / "shards"
    assert sorted(path.name for path in shards.glob("*.tar")) == ["000000.tar", "000001.tar"]
    assert len(folders(tmp_path)) == 1
    code, out, err = run(*lines, options=["--shards", "2", "--finish"])
    assert (code, len(out.splitlines()), "0 made, 5 existed" in err) == (0, 1, True)  # one still has a folder
    assert folders(tmp_path) == []
    with tarfile.open(shards / "000002.tar") as tar:
        assert [name.partition(".")[2] for name in tar.getnames()] == ["glb", "json", "webp"]


def test_a_cut_shard_is_told_and_what_it_lacks_is_made_again(run, tmp_path):
    lines = [{"prompt": f"chair {number}"} for number in range(3)]
    run(*lines, options=["--shards", "3"])
    shard = tmp_path / "out" / "shards" / "000000.tar"
    with tarfile.open(shard) as tar:
        end = tar.getmembers()[4].offset_data
    shard.write_bytes(shard.read_bytes()[:end])
    code, _, err = run(*lines, options=["--shards", "3"])
    assert (code, "2 made, 1 existed" in err) == (0, True)
    assert "000000.tar is damaged: 1 of its objects are whole" in err


def test_the_manifest_has_what_the_facts_of_each_object_say(run, tmp_path):
    run({"prompt": "a red chair", "seed": 3, "size": 0.5}, "a blue mug")
    rows = {row["id"]: row for row in parquet.read_table(tmp_path / "out" / "manifest.parquet").to_pylist()}
    for values in facts(tmp_path):
        row = rows.pop(values["id"])
        names = ("prompt", "seed", "model")
        assert [row[name] for name in names] == [values[name] for name in names]
        assert json.loads(row["parameters"]) == values["parameters"]
        assert (row["glb_sha256"], row["box_z_m"]) == (values["files"]["glb"]["sha256"], values["box_m"][2])
    assert rows == {}


def test_the_same_recipe_gives_the_same_bytes(run, tmp_path):
    run("a red chair", {"prompt": "a blue mug", "result": "both"})
    before = contents(tmp_path)
    shutil.rmtree(tmp_path / "out")
    run("a red chair", {"prompt": "a blue mug", "result": "both"})
    after = contents(tmp_path)
    assert len(before) == 7
    assert {name: after[name] for name in before} == before


def contents(tmp_path):
    """The files of objects, without what belongs to the row of the manifest."""
    paths = [path for folder in folders(tmp_path) for path in folder.iterdir() if path.name != ".row"]
    return {path.name: path.read_bytes() for path in paths}


def test_rows_tell_when_an_object_was_made_in_how_many_seconds_and_attempts(run, tmp_path):
    run("a red chair", "a blue mug", options=["--shards", "2"])
    for row in rows(tmp_path):
        assert (row["shard"], row["attempt"], row["judge_kind"]) == ("000000.tar", 1, None)
        assert row["seconds"] > 0
        assert datetime.fromisoformat(row["made_at"]).tzinfo is not None


def test_a_judge_is_asked_on_request(run, tmp_path):
    run("a red chair", options=["--judge"])
    (row,) = rows(tmp_path)
    seen = judged(tmp_path / "out" / "objects" / row["id"] / f"{row['id']}.webp")
    assert (row["judge_kind"], row["judge_color"]) == (seen.get("judge_kind"), seen.get("judge_color"))


@pytest.mark.parametrize(("limit", "count"), [(3, 0), (2, 1)])
def test_a_run_of_many_objects_packs_shards_unasked(run, tmp_path, monkeypatch, limit, count):
    monkeypatch.setattr(shard_size, "MAX_FOLDERS", limit)
    monkeypatch.setattr(shard_size, "DEFAULT_SHARD_SIZE", 2)
    run("a red chair", "a blue mug", "a table")
    assert len(list((tmp_path / "out").glob("shards/*.tar"))) == count
    assert len(rows(tmp_path)) == 3
    run("a house", "a car", options=["--shards", "0"])
    assert len(list((tmp_path / "out").glob("shards/*.tar"))) == count


def test_a_manifest_of_a_newer_version_is_refused_before_anything_is_made(run, tmp_path):
    (tmp_path / "out").mkdir()
    schema = pa.schema([pa.field("id", pa.string())], metadata={"text3d_manifest_version": "2"})
    parquet.write_table(pa.Table.from_pylist([], schema), tmp_path / "out" / "manifest.parquet")
    code, _, err = run("a red chair")
    assert (code, "has version 2" in err) == (2, True)
    assert folders(tmp_path) == []


def test_two_processes_fill_one_folder_without_making_an_object_twice(tmp_path):
    lines = "\n".join(json.dumps({"prompt": f"chair {number} slow"}) for number in range(6))
    (tmp_path / "chunk.jsonl").write_text(lines)
    script = Path(generate.__file__)
    command = [sys.executable, script, "--jobs", tmp_path / "chunk.jsonl", "--out", tmp_path / "out", "--json"]
    command += ["--python", scripted_python(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    told = [json.loads(line) for output in outputs for line in output.splitlines()]
    states = [values["state"] for values in told if "id" in values]  # the others are the progress
    assert (states.count("made"), len(states)) == (6, 12)
    assert set(states) <= {"made", "exists", "gave way"}
    assert len(facts(tmp_path)) == 6


def made(tmp_path):
    return sorted(values["prompt"] for values in facts(tmp_path))


@pytest.mark.parametrize(
    ("options", "expected"),
    [(["--entries", "2"], "b"), (["--entries", "1,3-4"], "acd"), (["--part", "1/2"], "ab"), (["--part", "6/9"], "c")],
)
def test_a_part_of_the_list_is_made(run, tmp_path, options, expected):
    code, _, err = run(*(f"chair {letter}" for letter in "abcde"), options=options)
    assert code == 0, err
    assert made(tmp_path) == [f"chair {letter}" for letter in expected]


def test_a_part_without_entries_is_done(run, tmp_path):
    code, _, err = run("a chair", options=["--part", "1/2"])
    assert (code, "0 made, 0 existed, 0 repeated, 0 failed" in err) == (0, True)


def test_only_bad_lines_of_the_part_fail_it(run, tmp_path):
    lines = ["a chair", "{", "a mug"]
    assert run(*lines, options=["--entries", "1,3"])[0] == 0
    assert run(*lines, options=["--entries", "2"])[0] == 1


def test_entries_beyond_the_list_are_refused_before_anything_is_made(run, tmp_path):
    code, _, err = run("a chair", "a mug", options=["--entries", "2-3"])
    assert (code, err) == (2, "The list has 2 entries, and --entries names 3. Name 1 to 2.\n")
    assert not (tmp_path / "out" / "objects").exists()


@pytest.mark.parametrize("option", [["--entries", "0"], ["--entries", "3-1"], ["--part", "3/2"]])
def test_a_part_that_cannot_be_read_is_refused(run, tmp_path, option):
    with pytest.raises(SystemExit, match="2"):
        run("a chair", options=option)
    assert not (tmp_path / "out").exists()


def test_openjd_is_told_the_progress_and_the_first_failure(run):
    code, out, _ = run("a red chair", "a crash", "{", options=["--openjd"])
    lines = [line for line in out.splitlines() if line.startswith("openjd_")]
    assert code == 1
    assert lines[0] == "openjd_progress: 0.0"
    assert "openjd_progress: 100.0" in lines
    assert any(line.startswith("openjd_status: 2 of 2") for line in lines)
    assert lines[-1].startswith("openjd_fail: 2 failed, the first because: The line is not JSON")


def test_final_failures_may_be_accepted(run):
    for expected in (1, 1, 0, 0):
        code, out, err = run("a red chair", "a crash", options=["--accept-final-failures", "--openjd"])
        assert code == expected, err
        assert ("openjd_fail: 1 failed" in out, "All of these failures are final" in err) == (bool(code), not code)
    assert run("a red chair", "a crash")[0] == 1
    assert run("a red chair", "a crash", "{", options=["--accept-final-failures"])[0] == 1


def test_a_part_of_a_long_list_is_packed_as_the_whole_would_be(run, tmp_path, monkeypatch):
    monkeypatch.setattr(shard_size, "MAX_FOLDERS", 3)
    lines = [f"chair {number}" for number in range(4)]
    assert run(*lines, options=["--entries", "1-2", "--finish"])[0] == 0
    assert folders(tmp_path) == []
    assert [path.name for path in (tmp_path / "out" / "shards").glob("*.tar")] == ["000000.tar"]


@pytest.mark.parametrize("option", [["--entries", "1"], ["--part", "1/2"], ["--openjd"], ["--finish"], ["--shards"]])
def test_options_of_chunks_need_a_list(option, capsys):
    assert generate.main(["a red chair", *option]) == 2
    assert capsys.readouterr().err == f"{option[0]} needs a list. Add --jobs LIST, or leave it out.\n"
