# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/generate.py with the real worker and the scripted engine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.client.recovery import queued_event
from blender_text3d.geometry import PointCloud, load_geometry
from blender_text3d.protocol.events import event_from_json
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import Request
from scripts import generate
from scripts.cli import worker_python
from tests.worker.scripted_python import scripted_python

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path, capsys):
    """A function that runs the script's main and returns (exit code, stdout, stderr)."""
    options = ["--python", str(scripted_python(tmp_path)), "--jobs-dir", str(tmp_path / "jobs")]

    def main(*arguments: str) -> tuple[int, str, str]:
        code = generate.main([*arguments, *options])
        return code, *capsys.readouterr()

    return main


def job_folders(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "jobs").glob("2*")) if (tmp_path / "jobs").exists() else []


def test_a_prompt_makes_a_job_and_prints_its_folder(run, tmp_path):
    code, out, err = run("a red chair", "--seed", "7")
    assert (code, out.splitlines()) == (0, [str(path) for path in job_folders(tmp_path)])
    assert "a red chair (7): sample" in err
    assert "a red chair (7) finished in" in err


def test_no_blender_offers_the_jobs_of_a_shell(run, tmp_path):
    run("a red chair")
    (job,) = map(JobFolder, job_folders(tmp_path))
    assert queued_event(job) is not None
    assert not queued_event(job).is_for_blender


def test_the_options_are_stored_in_the_request(run, tmp_path):
    run("a red chair", "--seed", "7", "--count", "2", "--quality", "draft", "--result", "both")
    requests = [
        Request.from_values(json.loads((path / "request.json").read_text())["request"])
        for path in job_folders(tmp_path)
    ]
    draft = MODELS["mini/shap-e"].qualities["draft"]
    assert sorted(request.seed for request in requests) == [7, 8]
    assert {(request.outputs, request.steps, request.grid) for request in requests} == {
        ("both", draft.steps, draft.grid)
    }


def test_without_a_prompt_or_an_image_no_job_is_created(run, tmp_path):
    code, _, err = run()
    assert (code, job_folders(tmp_path)) == (2, [])
    assert "The prompt is empty" in err


def test_an_image_for_a_text_model_is_refused(run, tmp_path):
    code, _, err = run("a red chair", "--model", "shap-e/text300M", "--image", "no-such.png")
    assert (code, job_folders(tmp_path)) == (2, [])
    assert "image" in err


def test_latent_views_and_grid_are_stored_in_the_request(run, tmp_path):
    (tmp_path / "old.npz").write_bytes(b"latent")
    run("a red chair", "--latent", str(tmp_path / "old.npz"), "--grid", "64", "--views", "5", "--view-mode", "nerf")
    (folder,) = job_folders(tmp_path)
    request = Request.from_values(json.loads((folder / "request.json").read_text())["request"])
    assert (request.grid, request.views, request.view_mode) == (64, 5, "nerf")
    assert (folder / request.latent).read_bytes() == b"latent"


def test_results_are_copied_under_prompt_and_seed(run, tmp_path):
    code, out, _ = run("a red chair", "--seed", "7", "--result", "both", "--out", str(tmp_path / "out"))
    shapes = (".npz", ".glb", ".ply", ".cloud.npz", ".cloud.glb", ".cloud.ply")
    endings = (*shapes, ".latent.npz", ".steps.npz", ".rrd", ".json")
    names = {f"a-red-chair-7{ending}" for ending in endings}
    assert code == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    assert set(out.splitlines()) == {str(tmp_path / "out" / name) for name in names}
    assert isinstance(load_geometry(tmp_path / "out" / "a-red-chair-7.cloud.npz"), PointCloud)
    assert json.loads((tmp_path / "out" / "a-red-chair-7.json").read_text())["request"]["prompt"] == "a red chair"


def test_a_result_replaces_its_own_copy_but_never_another_prompts(run, tmp_path):
    for prompt in ("a red chair", "a red chair", "a red chair!"):
        assert run(prompt, "--seed", "7", "--out", str(tmp_path / "out"))[0] == 0
    recipes = [json.loads(path.read_text())["request"]["prompt"] for path in (tmp_path / "out").glob("*.json")]
    assert sorted(recipes) == ["a red chair", "a red chair!"]


def test_json_gives_every_event_and_the_result_and_nothing_else(run, tmp_path):
    code, out, err = run("a red chair", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    (folder,) = job_folders(tmp_path)
    assert (code, err, {line["job"] for line in lines}) == (0, "", {str(folder)})
    journal = [event_from_json(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    assert [event_from_json(json.dumps(line)) for line in lines[:-1]] == journal
    assert lines[-1]["kind"] == "result"
    assert Path(lines[-1]["files"]["mesh"]).is_file()


def test_prompts_come_from_a_file_line_by_line(run, tmp_path):
    (tmp_path / "prompts.txt").write_text("\ufeff# chairs\n\na red chair\n  a blue car  \n", encoding="utf-8")
    assert run("--prompts-file", str(tmp_path / "prompts.txt"))[0] == 0
    names = [path.name for path in job_folders(tmp_path)]
    assert len(names) == 2
    assert any("a-red-chair" in name for name in names)
    assert any("a-blue-car" in name for name in names)


def test_a_failure_is_a_message_and_an_exit_code_and_the_other_jobs_run(run, tmp_path):
    (tmp_path / "prompts.txt").write_text("oom-cpu\na red chair\n")
    code, out, err = run("--prompts-file", str(tmp_path / "prompts.txt"))
    assert code == 1
    assert len(out.splitlines()) == 1
    assert "failed: There is not enough memory for this object. Choose a lower quality" in err


def test_a_notice_is_shown(run):
    assert "“flying” is not a word I know." in run("a flying chair")[2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([""], "The prompt is empty."),
        (["  "], "The prompt is empty."),
        (["x" * 10_000], "The prompt has 10000 characters."),
        (["a\x07chair"], "control character U+0007"),
        (["a red chair", "--model", "point-x"], "There is no model 'point-x'. Choose one of: "),
        (["a red chair", "--count", "0"], "The number of results is 0."),
        (["a red chair", "--count", "10000"], "The number of results is 10000."),
        (["a red chair", "--seed", "-1"], "The seed is -1."),
        (["a red chair", "--quality", "best"], "There is no quality 'best'."),
        (["a red chair", "--result", "video"], "There is no output 'video'."),
    ],
    ids=lambda value: " ".join(value)[:24] if isinstance(value, list) else "",
)
def test_an_invalid_option_is_reported_in_one_sentence_and_starts_nothing(run, tmp_path, arguments, sentence):
    code, out, err = run(*arguments)
    assert (code, out, sentence in err, len(err.splitlines())) == (2, "", True, 1)
    assert job_folders(tmp_path) == []


@pytest.mark.parametrize("prompt", ["🪑", "كرسي أحمر"])
def test_emoji_and_right_to_left_prompts_are_generated_and_named(run, tmp_path, prompt):
    assert run(prompt, "--seed", "3", "--out", str(tmp_path / "out"))[0] == 0
    assert (tmp_path / "out" / "object-3.glb").is_file()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"# nothing\n", "contains no prompt"), (b"\xff\xfe\x00", "begins like UTF-16 but is not")],
)
def test_a_prompts_file_without_prompts_is_refused(run, tmp_path, content, sentence):
    (tmp_path / "prompts.txt").write_bytes(content)
    code, _, err = run("--prompts-file", str(tmp_path / "prompts.txt"))
    assert (code, sentence in err) == (2, True)


def test_a_prompts_file_that_is_missing_is_named(run, tmp_path):
    code, _, err = run("--prompts-file", str(tmp_path / "gone.txt"))
    assert (code, "gone.txt cannot be read (No such file" in err, "Traceback" in err) == (2, True, False)


def test_a_missing_worker_python_is_reported_with_a_fix(capsys, tmp_path):
    code = generate.main(["a red chair", "--python", str(tmp_path / "gone"), "--jobs-dir", str(tmp_path / "jobs")])
    assert (code, "python -m blender_text3d.environment" in capsys.readouterr().err) == (1, True)


def test_read_only_folders_are_reported_in_one_sentence(run, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    code, _, err = run("a red chair", "--out", str(tmp_path / "file" / "out"))
    assert (code, "cannot be created (Not a directory)" in err, job_folders(tmp_path)) == (2, True, [])
    code = generate.main(["a red chair", "--jobs-dir", str(tmp_path / "file" / "jobs")])
    assert (code, "cannot be created" in capsys.readouterr().err) == (2, True)


def test_ctrl_c_cancels_every_job_and_exits_with_130(run, tmp_path, monkeypatch):
    follow = generate.follow

    def interrupted_once(session, show):
        monkeypatch.setattr(generate, "follow", follow)
        session.poll()
        raise KeyboardInterrupt

    monkeypatch.setattr(generate, "follow", interrupted_once)
    assert run("slow", "--count", "3")[0] == 130
    ends = [(path / "events.jsonl").read_text().splitlines()[-1] for path in job_folders(tmp_path)]
    assert len(ends) == 3
    assert all('"cancelled"' in end for end in ends)


def test_the_default_python_is_the_variable_then_one_with_torch_then_the_worker_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", "/chosen/python")
    assert worker_python.default_python() == Path("/chosen/python")
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON")
    monkeypatch.setattr(worker_python, "find_spec", lambda name: object())
    assert worker_python.default_python() == Path(sys.executable)
    monkeypatch.setattr(worker_python, "find_spec", lambda name: None)
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path))
    assert worker_python.default_python().is_relative_to(tmp_path / "worker-env")


def test_the_script_runs_from_any_folder(tmp_path):
    script = REPOSITORY / "scripts" / "generate.py"
    python = scripted_python(tmp_path)
    arguments = ["a red chair", "--json", "--python", python, "--jobs-dir", "jobs"]
    process = subprocess.run(
        [sys.executable, script, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=180, env=os.environ
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert json.loads(process.stdout.splitlines()[-1])["kind"] == "result"


def test_several_prompts_are_several_jobs(run, tmp_path):
    assert run("a red chair", "a blue mug", "--seed", "3", "--size", "0.5", "--steps", "6")[0] == 0
    requests = [JobFolder(folder).read_request() for folder in job_folders(tmp_path)]
    assert {request.prompt for request in requests} == {"a red chair", "a blue mug"}
    assert {(request.seed, request.size_m, request.steps) for request in requests} == {(3, 0.5, 6)}


def test_the_words_of_one_prompt_without_quotes_are_refused(run, tmp_path):
    code, _, err = run("a", "red", "chair")
    assert (code, 'in quotes: "a red chair"' in err, job_folders(tmp_path)) == (2, True, [])


def test_a_spreadsheet_gives_each_line_its_own_settings(run, tmp_path):
    (tmp_path / "list.csv").write_text("prompt;seed;size;color\na chair;7;0.25;red\na mug;;;\n")
    assert run("--prompts-file", str(tmp_path / "list.csv"), "--seed", "1", "--size", "2")[0] == 0
    requests = {JobFolder(folder).read_request() for folder in job_folders(tmp_path)}
    assert {(request.prompt, request.seed, request.size_m) for request in requests} == {
        ("a red chair", 7, 0.25), ("a mug", 1, 2.0),
    }  # fmt: skip


def test_a_wrong_line_of_a_list_is_named_and_starts_nothing(run, tmp_path):
    (tmp_path / "list.csv").write_text("prompt,seed\na chair,7\na mug,x\n")
    code, _, err = run("--prompts-file", str(tmp_path / "list.csv"))
    assert (code, "line 3: The seed is 'x'" in err, job_folders(tmp_path)) == (2, True, [])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a chair", "--prompts-file", "list.txt"], "not both"),
        (["a chair", "--print-height", "60"], "only affects .stl and .3mf"),
        (["a chair", "--result", "cloud", "--format", "stl"], "A cloud cannot be written as .stl"),
        (["a chair", "--size", "0"], "The size in meters is 0.0."),
        (["a chair", "--size", "nan"], "The size in meters is nan."),
        (["a chair", "--compare", "--guidance", "3"], "--compare takes no --guidance"),
        (["a chair", "--image", "gone.png"], "gone.png cannot be read"),
    ],
)
def test_flags_that_exclude_each_other_are_told_before_a_job_starts(run, tmp_path, arguments, sentence):
    code, out, err = run(*arguments)
    assert (code, out, sentence in err) == (2, "", True)
    assert job_folders(tmp_path) == []


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("a red dragon", "mini/point-e does not know 'dragon'; mini/shap-e does, so only its object is of that kind."),
     ("a sofa", "mini/point-e makes an armchair of this prompt and mini/shap-e a sofa.")],
)  # fmt: skip
def test_comparing_models_of_which_one_knows_the_kind_says_so(trained_model, run, prompt, told):
    code, _, err = run(prompt, "--compare", "--quality", "draft")
    assert code == 0
    assert err.count(told) == 1
    assert "makes" not in run("a red chair", "--compare", "--quality", "draft")[2]


def test_comparing_a_model_without_a_counterpart_names_the_models_that_are_compared(run):
    code, _, err = run("a red chair", "--compare", "--model", "mini/three-step", "--quality", "draft")
    assert code == 0
    assert "Mini Three-Step has no counterpart, so Mini Point-E and Mini Shap-E are compared." in err


def test_every_format_of_a_result_is_written_where_it_was_asked(run, tmp_path):
    formats = ("glb", "ply", "obj", "stl", "3mf", "usd")
    code, out, err = run("a red chair", "--seed", "7", "--format", ",".join(formats), "--print-height", "60", "--out",
                         str(tmp_path / "out"))  # fmt: skip
    assert (code, "60 mm high" in err) == (0, True)
    assert {str(tmp_path / "out" / f"a-red-chair-7.{name}") for name in formats} <= set(out.splitlines())
    assert "a slicer takes 1 m for 1 mm" in run("a red chair", "--format", "stl")[2]


@pytest.mark.parametrize(
    ("options", "names"),
    [([], {"mesh.glb"}), (["--result", "cloud"], {"cloud.ply"}), (["--result", "both"], {"mesh.glb", "cloud.ply"}),
     (["--format", "none"], set()), (["--format", "obj,ply", "--result", "both"],
                                     {"mesh.obj", "mesh.ply", "cloud.obj", "cloud.ply"})],
)  # fmt: skip
def test_a_job_folder_gets_the_file_that_most_programs_open(run, tmp_path, options, names):
    assert run("a red chair", *options)[0] == 0
    (folder,) = job_folders(tmp_path)
    assert {path.name for path in folder.iterdir() if path.suffix in (".glb", ".ply", ".obj")} == names


@pytest.mark.parametrize("options", [["--json"], []])
def test_output_into_a_closed_pipe_ends_quietly_with_every_job(tmp_path, options):
    worker = ["--python", scripted_python(tmp_path), "--jobs-dir", tmp_path / "jobs"]
    arguments = ["slow", "a red chair", *worker, *options]
    closed = "stdout" if options else "stderr"
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, REPOSITORY / "scripts/generate.py", *arguments], **streams)
    getattr(process, closed).close()
    other = process.stderr if options else process.stdout
    assert (other.read(), process.wait(timeout=120)) == (b"", 141)
    ends = [JobFolder(folder).last_event().kind for folder in job_folders(tmp_path)]
    assert len(ends) == 2
    assert set(ends) <= {"cancelled", "finished"}
