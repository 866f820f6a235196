# SPDX-License-Identifier: GPL-3.0-or-later
"""scripts/report.py: what its page contains of a batch and of a jobs folder, and what hostile folders cannot do."""

import base64
import hashlib
import io
import json
import os
import re
import tracemalloc
from html.parser import HTMLParser

import pytest
from PIL import Image

from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Cancelled, Failed, Finished, Started
from blender_text3d.protocol.request import make_requests
from scripts import report
from scripts.cli import report_pictures
from scripts.cli.batch_manifest import Order
from scripts.cli.report_page import write_report
from scripts.cli.report_row import COMPLETE, ReportRow

HOSTILE = "</script><img src=x onerror=alert(1)><!-- \u2028 'a' \"b\" %SUMMARY% &amp;"


class Page(HTMLParser):
    """The elements of a report, its rows and its visible text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self._open = [], {}, ""
        self.feed(text)
        self.rows = json.loads(self.texts["script application/json"])
        self.text = " ".join(self.texts.get("", "").split())

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag in ("script", "style"):
            self._open = f"{tag} {dict(attributes).get('type', '')}".strip()

    def handle_endtag(self, tag):
        self._open = "" if tag in ("script", "style") else self._open

    def handle_data(self, data):
        self.texts[self._open] = self.texts.get(self._open, "") + (data if self._open else f" {data}")


def png(side=64):
    content = io.BytesIO()
    Image.new("RGBA", (side, side), (200, 30, 30, 255)).save(content, "PNG")
    return content.getvalue()


def job(jobs_dir, prompt, end=None, device="CPU, 2 threads", **choices):
    """A job with this terminal event, whose files exist."""
    made = create_job(jobs_dir, make_requests(prompt, **choices)[0])
    facts = {"engine_version": "0.1.0", "torch_version": "2.13.0", "weights_sha256": "ab"}
    made.append(Started(pid=1, host="h", device="cpu", device_name=device, **facts))
    if end:
        made.append(end)
    for name in getattr(end, "files", {}).values():
        if "/" not in name:
            (made.path / name).write_bytes(bytes(1000))
    return made


def finished(faces=12, seconds=2.0, **files):
    return Finished(elapsed_s=seconds, files=files or {"mesh": "mesh.npz"}, faces=faces, vertices=8)


def failed(message="The memory is full."):
    return Failed(message=message, reason="out_of_memory", fix="Choose a lower quality.")


@pytest.fixture
def jobs_dir(tmp_path):
    return tmp_path / "jobs"


@pytest.fixture
def run(tmp_path, capsys, jobs_dir):
    """A function that runs the script and returns (exit code, page or None, output)."""

    def main(folder, *arguments):
        code = report.main([str(folder), "--jobs-dir", str(jobs_dir), *map(str, arguments)])
        path = folder / "report.html"
        output = capsys.readouterr()
        page = Page(path.read_text(encoding="utf-8")) if code == 0 and path.exists() else None
        return code, page, output.out + output.err

    return main


def test_a_jobs_folder_has_a_row_for_every_job_with_what_its_files_tell(run, jobs_dir):
    done = job(jobs_dir, "a red chair", finished(faces=1200), seed=7, quality="draft")
    done.thumbnail.write_bytes(png())
    job(jobs_dir, "a blue mug", failed())
    job(jobs_dir, "a green car", Cancelled(stage="sample", index=3))
    job(jobs_dir, "a house")
    code, page, output = run(jobs_dir)
    assert (code, "4 objects, 1 failed" in output) == (0, True)
    rows = {row["prompt"]: row for row in page.rows}
    assert {prompt: row["status"] for prompt, row in rows.items()} == {
        "a red chair": "complete", "a blue mug": "failed", "a green car": "cancelled", "a house": "unfinished",
    }  # fmt: skip
    chair = rows["a red chair"]
    assert (chair["faces"], chair["seconds"], chair["bytes"], chair["kind"]) == (1200, 2.0, 1000, "chair")
    assert (chair["device"], chair["torch"], chair["files"]) == ("CPU, 2 threads", "2.13.0", {"mesh": "mesh.npz"})
    assert chair["recipe"] == json.loads(done.request.read_text())["request"]
    assert "faces" not in rows["a house"]
    assert rows["a blue mug"]["reason"] == "The memory is full. Choose a lower quality."
    for fact in ("Objects 4", "Complete 1", "Failed 1", "Cancelled 1", "Unfinished 1", "1.0 kB"):
        assert fact in page.text
    assert page.text.count("The memory is full. Choose a lower quality.") == 2  # by reason, and by object


def test_a_batch_has_the_recipes_of_its_manifest_and_the_reasons_of_its_failed_jobs(run, jobs_dir, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    requests = [make_requests(prompt, seed=1)[0] for prompt in ("a red chair", "a mug", "a car", "a lost key")]
    made = job(jobs_dir, "a red chair", finished(faces=34), seed=1)
    job(jobs_dir, "a mug", failed(), seed=1)
    orders = [Order(request) for request in requests]
    entries = {
        orders[0].name: {"recipe": orders[0].recipe, "job_id": made.job_id, "files": {"glb": "chair.glb"}},
        orders[3].name: {"recipe": orders[3].recipe, "job_id": "gone", "files": {"glb": "key.glb"}},
    }
    (out / "chair.glb").write_bytes(bytes(5000))
    (out / "manifest.json").write_text(json.dumps(entries))
    record = {"formats": ["glb"], "requests": [request.to_values() for request in requests]}
    (out / "batch.json").write_text(json.dumps(record))
    code, page, _ = run(out)
    rows = {row["prompt"]: row for row in page.rows}
    assert (code, len(page.rows)) == (0, 4)
    chair = rows["a red chair"]
    assert (chair["status"], chair["bytes"], chair["faces"], chair["linked"]) == ("complete", 5000, 34, True)
    assert (chair["recipe"], chair["name"]) == (orders[0].recipe, orders[0].name)
    assert rows["a mug"]["reason"] == "The memory is full. Choose a lower quality."
    assert (rows["a car"]["status"], "was not made" in rows["a car"]["reason"]) == ("unfinished", True)
    assert (rows["a lost key"]["status"], "not in the folder" in rows["a lost key"]["reason"]) == ("failed", True)


@pytest.mark.parametrize("device", [HOSTILE, "CPU"])
def test_hostile_texts_stay_texts(run, jobs_dir, device):
    end = failed(HOSTILE.replace("\u2028", " "))
    job(jobs_dir, HOSTILE, end, device=HOSTILE)
    job(jobs_dir, HOSTILE, finished(), device=HOSTILE)
    job(jobs_dir, "a chair", finished(**{HOSTILE: "mesh.npz"}), device=device)
    _, page, _ = run(jobs_dir)
    assert [row["recipe"]["prompt"] for row in page.rows].count(HOSTILE) == 2
    assert not set("<>&") & set(page.texts["script application/json"])
    tags = [tag for tag, _ in page.elements]
    assert (tags.count("script"), tags.count("img"), tags.count("main"), tags.count("html")) == (2, 1, 1, 1)
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert HOSTILE[:40] in page.text


def test_nothing_is_loaded_from_elsewhere_and_only_the_own_script_runs(run, jobs_dir):
    job(jobs_dir, "a chair", finished())
    _, page, _ = run(jobs_dir)
    (policy,) = [part["content"] for _, part in page.elements if part.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    for element, source in (("script", "script-src"), ("style", "style-src")):
        digest = base64.b64encode(hashlib.sha256(page.texts[element].encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy
    assert not any({"src", "href"} & set(attributes) for _, attributes in page.elements)
    assert not re.search(r"https?://|@import|url\(", page.texts["style"] + page.texts["script"])


def test_every_histogram_counts_every_value(run, jobs_dir):
    for number, (faces, seconds) in enumerate([(10, 0.4), (10, 3.0), (5000, 3.0), (90_000, 700.0), (0, 0.0)]):
        job(jobs_dir, f"a chair {number}", finished(faces=faces, seconds=seconds))
    job(jobs_dir, "a mug", failed())
    path = jobs_dir / "report.html"
    run(jobs_dir)
    assert "median 3.0 s, 0.0 s to 12 min" in path.read_text(encoding="utf-8")
    figures = re.findall(r"<figure>.*?</figure>", path.read_text(encoding="utf-8"), re.DOTALL)
    sums = [sum(map(int, re.findall(r'data-count="(\d+)"', figure))) for figure in figures]
    assert sums == [5, 4, 5]  # seconds, faces of those that have some, file sizes


def test_pictures_are_small_and_inside_the_file(run, jobs_dir):
    done = job(jobs_dir, "a chair", finished())
    done.thumbnail.write_bytes(png(400))
    _, page, _ = run(jobs_dir, "--picture-size", 48)
    start, content = page.rows[0]["picture"].split(",")
    assert start == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        assert image.size == (48, 48)


def test_without_pillow_pictures_stay_png_and_that_is_told(run, jobs_dir, monkeypatch):
    monkeypatch.setattr(report_pictures, "has_pillow", lambda: False)
    monkeypatch.setattr(report, "has_pillow", lambda: False)
    done = job(jobs_dir, "a chair", finished())
    done.thumbnail.write_bytes(png())
    _, page, output = run(jobs_dir)
    assert base64.b64decode(page.rows[0]["picture"].removeprefix("data:image/png;base64,")) == png()
    assert "Pillow is not installed" in output


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", png()[:60], png(3000), bytes(2**23)])
def test_what_is_no_small_png_is_no_picture(run, jobs_dir, content):
    done = job(jobs_dir, "a chair", finished())
    done.thumbnail.write_bytes(content)
    code, page, _ = run(jobs_dir)
    assert (code, "picture" in page.rows[0]) == (0, False)


def test_links_and_names_that_lead_out_of_the_folder_are_not_followed(run, jobs_dir, tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    done = job(jobs_dir, "a chair", finished(mesh="mesh.npz", other="../../secret.png", linked="linked.npz"))
    done.thumbnail.symlink_to(secret)
    (done.path / "linked.npz").unlink()
    (done.path / "linked.npz").symlink_to(secret)
    elsewhere = job(tmp_path / "elsewhere", "a private prompt", finished())
    (jobs_dir / "linked-job").symlink_to(elsewhere.path)
    inner = job(jobs_dir, "a mug", finished())
    inner.journal.unlink()
    inner.journal.symlink_to(elsewhere.journal)
    _, page, _ = run(jobs_dir)
    rows = {row["prompt"]: row for row in page.rows}
    assert set(rows) == {"a chair", "a mug"}
    assert (rows["a chair"]["files"], "picture" in rows["a chair"]) == ({"mesh": "mesh.npz"}, False)
    assert rows["a mug"]["status"] == "unfinished"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_pipes_do_not_block(run, jobs_dir):
    done = job(jobs_dir, "a chair", finished())
    for path in (done.journal, done.thumbnail):
        path.unlink(missing_ok=True)
        os.mkfifo(path)
    assert run(jobs_dir)[1].rows[0]["status"] == "unfinished"


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"request": 5}', '{"request": {"prompt": NaN}}', "[" * 100_000, '{"a": 1, "a": 2}']
)
def test_a_broken_job_is_told_and_the_others_are_read(run, jobs_dir, content):
    job(jobs_dir, "a mug", finished()).request.write_text(content)
    job(jobs_dir, "a chair", finished())
    code, page, _ = run(jobs_dir)
    assert (code, len(page.rows)) == (0, 2)
    assert [row.get("prompt") for row in page.rows if "recipe" in row] == ["a chair"]


@pytest.mark.parametrize("entry", [5, None, [], {}, {"recipe": 3, "job_id": "../..", "files": {"glb": "../x"}}])
def test_a_broken_entry_of_a_manifest_is_told_and_the_others_are_read(run, tmp_path, entry):
    (tmp_path / "chair.glb").write_bytes(bytes(10))
    whole = {"recipe": {"prompt": "a chair"}, "job_id": "gone", "files": {"glb": "chair.glb"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"broken": entry, "whole": whole}))
    code, page, _ = run(tmp_path)
    assert (code, [row["status"] for row in page.rows]) == (0, ["failed", "complete"])


def test_a_folder_without_results_is_refused(run, tmp_path, jobs_dir):
    jobs_dir.mkdir()
    for folder, words in ((tmp_path / "none", "There is no folder"), (jobs_dir, "has no results")):
        code, _, output = run(folder)
        assert (code, words in output, output.count("\n")) == (2, True, 1)
        assert not (folder / "report.html").exists()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"a": {}, "a": {}}'])
def test_a_manifest_that_is_none_is_refused(run, tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    code, _, output = run(tmp_path)
    assert (code, output.count("\n")) == (2, 1)


def test_another_file_can_be_written_and_one_that_cannot_is_told(run, jobs_dir, tmp_path):
    job(jobs_dir, "a chair", finished())
    assert run(jobs_dir, "--out", tmp_path / "a.html")[0] == 0
    assert "linked" not in Page((tmp_path / "a.html").read_text(encoding="utf-8")).rows[0]
    code, _, output = run(jobs_dir, "--out", tmp_path / "none" / "a.html")
    assert (code, "cannot be written" in output) == (1, True)


def test_a_link_in_place_of_the_temporary_file_is_not_written_through(run, jobs_dir, tmp_path):
    job(jobs_dir, "a chair", finished())
    (tmp_path / "precious").write_text("keep")
    (jobs_dir / "report.html.part").symlink_to(tmp_path / "precious")
    assert run(jobs_dir)[0] == 0
    assert (tmp_path / "precious").read_text() == "keep"


def test_ten_thousand_objects_need_little_memory(tmp_path):
    padding = "x" * 3000
    rows = (ReportRow(name=f"n{n}", status=COMPLETE, recipe={"prompt": "a chair", "x": padding}) for n in range(10_000))
    tracemalloc.start()
    summary = write_report(tmp_path / "a.html", rows, tmp_path, 64)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (summary.objects, peak < 8 * 2**20) == (10_000, True)
    assert len(Page((tmp_path / "a.html").read_text(encoding="utf-8")).rows) == 10_000


@pytest.mark.parametrize(
    ("recipe", "kind"),
    [({"model": "mini/three-step"}, "cup"), ({"model": "mini/three-step", "image_model": "glide"}, ""),
     ({"model": "shap-e/three-step", "image_model": "mini/glide"}, "cup"), ({"model": "mini/point-e"}, "mug"),
     ({"model": "shap-e/text300M"}, ""), ({}, "")],
)  # fmt: skip
def test_the_kind_of_an_object_is_by_the_words_of_the_model_that_read_its_prompt(trained_model, recipe, kind):
    assert ReportRow(name="x", status=COMPLETE, recipe={"prompt": "a goblet", **recipe}).kind == kind
