# SPDX-License-Identifier: GPL-3.0-or-later
"""Terminal output is plain text, and file names made from a prompt are valid on any disk."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.cli_output import Console
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.progress import ProgressUpdate
from blender_text3d.protocol.create_job import create_job, new_job_id, slug
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import Failed, Finished, Notice, Progress
from blender_text3d.protocol.request import make_requests
from blender_text3d.system.console import sanitized
from blender_text3d.worker.commands import commands_from
from blender_text3d.worker.reporting.error_mapping import failed_event
from scripts import generate
from scripts.cli.batch_manifest import Manifest, Order
from scripts.cli.exporter import Exporter
from scripts.cli.progress import JsonLines, ProgressLine
from scripts.cli.save_outputs import save_result

SCRIPTS = Path(__file__).parents[2] / "scripts"

EVIL = "\x1b]0;owned\x07\x1b[2J\x9b31m\rok\n\x00\u202e\u2028\x85\x7f"
RESERVED = re.compile(r"(con|nul|prn|aux|com\d|lpt\d)(\..*)?", re.IGNORECASE)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def is_plain(text: str) -> bool:
    return text.isprintable() and not set(EVIL) - set("ok]0;owned[2J31m") & set(text)


@pytest.fixture
def job(tmp_path):
    return create_job(tmp_path / "jobs", make_requests("a red chair", seed=5)[0])


@pytest.mark.parametrize("out", [Terminal(), io.StringIO()], ids=["terminal", "file"])
def test_worker_events_are_printed_as_plain_text(job, out):
    show = ProgressLine(out, io.StringIO())
    show.event(job, Progress(stage=EVIL, index=1, total=2))
    show.event(job, Notice(message=EVIL))
    show.event(job, Failed(message=EVIL, reason="internal", fix=EVIL))
    assert "owned" in out.getvalue()
    assert all(is_plain(line) for line in re.split(r"[\r\n]", out.getvalue()))


def test_json_lines_are_ascii(job):
    out = io.StringIO()
    JsonLines(out).event(job, Failed(message=EVIL, reason="internal", fix=""))
    assert out.getvalue().isascii()
    assert is_plain(out.getvalue().removesuffix("\n"))
    assert json.loads(out.getvalue())["message"] == EVIL


@pytest.mark.parametrize("as_json", [False, True])
def test_messages_of_servers_and_weights_files_are_printed_as_plain_text(as_json, monkeypatch):
    out = Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", out)
    console = Console(as_json=as_json)
    console.show(ProgressUpdate("refused", "net", EVIL))
    console.show(ProgressUpdate("connect", "net", EVIL))
    console.show(ProgressUpdate("download", "net", EVIL))
    console.show_error(str(BrokenWeights(EVIL)) + EVIL)
    assert "owned" in out.getvalue()
    assert all(is_plain(line) for line in re.split(r"[\r\n]", out.getvalue()))


QUOTED = [["--image", f"/nowhere/{EVIL}.png"], [EVIL], ["--latent", EVIL.replace("\0", ""), "a red chair"]]


@pytest.mark.parametrize("arguments", QUOTED)
def test_an_error_that_quotes_the_user_is_printed_as_plain_text(arguments, tmp_path, capsys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "default_python", lambda: tmp_path / "none")
        assert generate.main([*arguments, "--jobs-dir", str(tmp_path / "jobs")]) in (1, 2)
    captured = capsys.readouterr()
    assert is_plain(captured.err.strip("\n"))
    assert not captured.out


def test_a_batchs_table_is_printed_as_plain_text(tmp_path):
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a \x1b[31m chair\n" + "x" * 5000 + "\n", encoding="utf-8")
    command = [sys.executable, SCRIPTS / "batch_generate.py", "--prompts-file", prompts, "--out", tmp_path / "out",
               "--jobs-dir", tmp_path / "jobs"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "U+001B" in done.stderr
    assert all(is_plain(line) for line in done.stderr.split("\n"))
    prompts.write_text("a \x1b[31m chair\na red chair\n", encoding="utf-8")
    done = subprocess.run([*command, "--worker-python", tmp_path / "none"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "U+001B" in done.stdout
    assert all(is_plain(line) for line in done.stdout.split("\n"))


@pytest.mark.parametrize("prompt", ["a red chair", "كرسي أحمر", "👩‍🚀 rocket"])
def test_printable_text_is_not_changed(prompt):
    assert sanitized(prompt) == prompt


PROMPTS = [
    "CON", "nul", "com1", "LPT9.txt", "aux.", "a...", ". .", "../../x", "/etc/passwd", "C:\\x", "a:b", "x" * 1000,
    "\u202egpj.exe", "~", "-rf", "$(reboot)", "`id`", "*?<>|\"", "è" * 300,
]  # fmt: skip


@pytest.mark.parametrize("prompt", PROMPTS)
def test_file_names_made_from_a_prompt_are_valid_on_any_disk(prompt):
    (request,) = make_requests(prompt, seed=5)
    for name in (f"{slug(prompt)}-{request.seed}", new_job_id(prompt), Order(request).name):
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", name)
        assert not RESERVED.fullmatch(name)
        assert all(not RESERVED.fullmatch(name + ending) for ending in (".glb", ".ply", ".npz", ".cloud.ply", ".json"))


@pytest.mark.parametrize("file", ["../request.json", "/etc/passwd", "..", "a\\b", "link"])
def test_a_file_outside_the_job_folder_is_not_copied(job, tmp_path, file):
    (job.path / "link").symlink_to("/etc/passwd")
    with pytest.raises(InvalidJob, match="no file"):
        save_result(
            job, Finished(elapsed_s=1.0, files={"mesh": file}), tmp_path / "out", Exporter(Path(sys.executable))
        )
    assert not (tmp_path / "out").exists()


def test_a_prompt_with_control_characters_is_refused():
    with pytest.raises(BadRequest) as refusal:
        make_requests("a " + EVIL)
    assert is_plain(str(refusal.value))


def test_the_catalogs_texts_are_printable():
    texts = [text for entry in CHECKPOINTS.values() for text in (entry.name, entry.about, entry.warning)]
    assert texts
    assert all(text.isprintable() for text in texts)


MANIFESTS = [
    "", "[]", "5", "[" * 100_000, '{"a": 5}', '{"a": {"files": {}}}', '{"a": {"job_id": 5, "files": {}}}',
    '{"a": {"job_id": "../x", "files": {}}}', '{"a": {"job_id": "x", "files": {"glb": "/etc/passwd"}}}',
]  # fmt: skip


@pytest.mark.parametrize("content", MANIFESTS)
def test_a_foreign_manifest_in_the_output_folder_is_not_changed(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(BadRequest, match="Move it, or choose"):
        Manifest(tmp_path)
    assert (tmp_path / "manifest.json").read_text() == content


@pytest.mark.parametrize(
    "line", ["[" * 100_000, '{"do": "a", "at_once": 1e400}', "null", '{"do": 5}', '{"do": [5]}', "\0"]
)
def test_an_invalid_line_to_the_worker_is_skipped(line, capsys):
    assert list(commands_from([line])) == []
    assert "names no job folder" in capsys.readouterr().err


def test_a_workers_failure_message_is_plain_and_short(job):
    failed = failed_event(RuntimeError(EVIL + "x" * 100_000), job)
    assert is_plain(failed.message)
    assert len(failed.message) < 3000
