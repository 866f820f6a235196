# SPDX-License-Identifier: GPL-3.0-or-later
"""The results: what the panel shows of any jobs folder, and what each operator does, as a script calls it."""

import json
import os
import shutil
import struct
import zlib
from types import SimpleNamespace

import bpy
import numpy as np
import pytest

from blender_text3d.addon import drawn_timer
from blender_text3d.addon.panels.results import TEXT3D_PT_results, rows_of_groups
from blender_text3d.addon.results import icons, missing_thumbnails, timer
from blender_text3d.addon.results.strip import PAGE_SIZE, strip
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.session_state import state
from blender_text3d.client.results.marks import REJECTED, STARRED, is_marked, set_mark
from blender_text3d.geometry.png import SIGNATURE, encode_png
from blender_text3d.protocol.events import Progress
from blender_text3d.protocol.job_folder import JobFolder
from tests.blender.recording_layout import RecordingLayout, drawn
from tests.client.results.jobs import write_job, write_many_jobs
from tests.client.results.opened_files import opened_files

RED = np.full((8, 8, 4), (255, 0, 0, 255), np.uint8)
GREEN = np.full((8, 8, 4), (0, 255, 0, 255), np.uint8)
MANY = 10_000


@pytest.fixture
def jobs_dir(addon):
    jobs_dir = choices().jobs_dir
    jobs_dir.mkdir(parents=True, exist_ok=True)
    return jobs_dir


@pytest.fixture
def view(addon):
    return bpy.context.window_manager.text3d_results


@pytest.fixture
def made(jobs_dir, scene):
    """A function that generates an object with the scripted worker and returns its job folder."""

    def generate(prompt="a red chair", seed=5, **settings) -> JobFolder:
        scene.text3d.prompt, scene.text3d.seed, scene.text3d.has_random_seed = prompt, seed, False
        for name, value in settings.items():
            setattr(scene.text3d, name, value)
        before = set(jobs_dir.iterdir())
        bpy.ops.text3d.generate()
        (folder,) = (path for path in set(jobs_dir.iterdir()) - before if path.is_dir())
        return JobFolder(folder)

    return generate


def load() -> None:
    """Run ticks, as the timer does while the panel is drawn, until everything is shown."""
    timer.tick()
    for _ in range(10_000):
        if not timer.has_work():
            return
        timer.tick()
    raise AssertionError("the results are never loaded")


def shown() -> list[str]:
    load()
    return [entry.job_id for entry in strip.entries]


def draw() -> RecordingLayout:
    layout = RecordingLayout()
    drawn(layout)
    return layout


def pixel(job_id: str) -> list[int]:
    """The first pixel of the loaded thumbnail of a result."""
    preview = icons._collection[icons.name_of(strip.entry(job_id))]
    return [round(value * 255) for value in preview.image_pixels_float[:4]]


def refused(operator, message, **properties) -> None:
    with pytest.raises(RuntimeError, match=message):
        operator(**properties)


# What is shown.


def test_without_results_the_panel_says_so(jobs_dir):
    assert "Loading" in drawn()
    load()
    assert "No results yet" in drawn()


def test_finished_jobs_are_shown_in_groups_with_their_seeds(jobs_dir):
    for name, prompt, seed in (("1", "a blue car", 1), ("2", "a red chair", 1421), ("3", "a red chair", 727020796)):
        write_job(jobs_dir, name, prompt, seed=seed)
    load()
    layout = draw()
    assert layout.texts.index("a red chair  ·  2 seeds") < layout.texts.index("a blue car")
    assert {"1421", "…20796", "1"} <= set(layout.texts)


def test_two_results_of_one_seed_have_one_seed(jobs_dir):
    for name in ("1", "2"):
        write_job(jobs_dir, name, "a red chair", seed=5)
    load()
    assert "a red chair  ·  1 seed" in draw().texts


def test_the_box_of_the_selected_result_moves_no_thumbnail(jobs_dir, view):
    for number in range(PAGE_SIZE + 1):
        write_job(jobs_dir, f"job-{number:02d}", "a red chair", seed=number)
    load()
    view.selected = ""
    without = results_panel_texts()
    view.selected = strip.entries[0].job_id
    box = results_panel_texts()[len(without) :]
    assert results_panel_texts() == without + box
    assert box[:2] == ["a red chair", f"Mini Shap-E  ·  {PAGE_SIZE}"]


def results_panel_texts() -> list[str]:
    layout = RecordingLayout()
    TEXT3D_PT_results.draw(SimpleNamespace(layout=layout), bpy.context)
    return layout.texts


def test_drawing_reads_no_file(jobs_dir):
    for number in range(30):
        write_job(jobs_dir, f"job-{number}").thumbnail.write_bytes(encode_png(RED))
    load()
    with opened_files() as paths:
        drawn()
    assert [path for path in paths if str(jobs_dir) in path] == []


def test_pages_are_turned_and_end_with_the_last_result(jobs_dir, view):
    names = [f"job-{number:02d}" for number in range(2 * PAGE_SIZE + 1)]
    for name in names:
        write_job(jobs_dir, name)
    newest_first = names[::-1]
    assert shown() == newest_first[:PAGE_SIZE]
    bpy.ops.text3d.results_page(step=2)
    assert shown() == newest_first[-1:]
    assert "Page 3" in drawn()
    bpy.ops.text3d.results_page(step=50)
    assert shown() == newest_first[-1:]
    assert view.page == 2
    bpy.ops.text3d.results_page(step=-1)
    assert shown() == newest_first[PAGE_SIZE : 2 * PAGE_SIZE]


def test_another_filter_starts_at_the_first_page(jobs_dir, view):
    for number in range(PAGE_SIZE + 5):
        write_job(jobs_dir, f"job-{number:02d}", "a blue car" if number % 2 else "a red chair")
    load()
    view.page = 1
    assert len(shown()) == 5
    view.search = "CAR blue"
    assert len(shown()) == (PAGE_SIZE + 5) // 2
    assert view.page == 0


def test_search_star_and_rejection_filter_what_is_shown(jobs_dir, view):
    write_job(jobs_dir, "a", "a red chair", seed=1421)
    set_mark(write_job(jobs_dir, "b", "a red car"), STARRED, on=True)
    set_mark(write_job(jobs_dir, "c", "a red boat"), REJECTED, on=True)
    assert shown() == ["b", "a"]
    view.has_rejected = True
    assert shown() == ["c", "b", "a"]
    view.is_starred_only = True
    assert shown() == ["b"]
    view.is_starred_only, view.search = False, "red 1421"
    assert shown() == ["a"]
    view.search = "nothing like it"
    assert shown() == []
    assert "No matching results" in drawn()


def test_this_file_shows_the_jobs_of_its_objects(made, view):
    kept, removed = made("a red chair"), made("a blue car")
    view.scope = "FILE"
    assert set(shown()) == {removed.job_id, kept.job_id}
    bpy.data.objects.remove(bpy.data.objects["a blue car"])
    assert shown() == [kept.job_id]
    view.scope = "ALL"
    assert set(shown()) == {removed.job_id, kept.job_id}


def test_this_file_passes_over_objects_with_a_property_of_another_kind(jobs_dir, scene, view):
    for value in (5, "../..", {"a": 1}, "x" * 5000):
        bpy.data.objects.new("thing", None)["text3d_job_id"] = value
    write_job(jobs_dir, "a")
    view.scope = "FILE"
    assert shown() == []


def test_what_the_view_shows_is_not_undone(made, view):
    job = made()
    view.search, view.selected = "red", job.job_id
    bpy.ops.ed.undo_push(message="something")
    view.search = "chair"
    bpy.ops.ed.undo()
    assert (view.search, view.selected) == ("chair", job.job_id)


def test_of_ten_thousand_jobs_the_first_page_opens_two_files_a_result(jobs_dir):
    write_many_jobs(jobs_dir, MANY)
    with opened_files() as paths:
        load()
    assert [entry.request.prompt for entry in strip.entries[:1]] == [f"a red chair number {MANY - 1}"]
    assert len([path for path in paths if str(jobs_dir) in path]) == 1 + 2 * (PAGE_SIZE + 1)


def test_a_long_search_takes_many_ticks_and_shows_what_it_found_so_far(jobs_dir, view, monkeypatch):
    write_many_jobs(jobs_dir, 120)
    monkeypatch.setattr(timer, "SHARE_OF_TICK_S", 0.0)  # one step a tick
    load()
    view.search = "number 11"
    timer.tick()
    ticks = 0
    while strip.is_busy:
        timer.tick()
        ticks += 1
        if ticks == 50:
            assert len(strip.entries) == 10
            assert "Searching" in drawn()
    assert ticks > 110
    assert len(strip.entries) == 11


# Changes behind the strip.


def test_a_deleted_folder_vanishes_and_is_refused_in_a_sentence(jobs_dir):
    job = write_job(jobs_dir, "a")
    load()
    shutil.rmtree(job.path)
    refused(bpy.ops.text3d.result_import, "does not exist any more", job_id="a")
    refused(bpy.ops.text3d.result_star, "does not exist any more", job_id="a")
    assert shown() == []


def test_new_jobs_marks_and_thumbnails_of_others_appear(jobs_dir, view):
    job = write_job(jobs_dir, "a")
    assert shown() == ["a"]
    write_job(jobs_dir, "b")
    set_mark(job, STARRED, on=True)
    job.thumbnail.write_bytes(encode_png(RED))
    assert shown() == ["b", "a"]
    assert strip.entry("a").is_starred
    assert pixel("a") == [255, 0, 0, 255]


def test_a_half_copied_job_appears_once_it_is_complete(jobs_dir):
    job = write_job(jobs_dir, "a")
    journal = job.journal.read_bytes()
    job.journal.write_bytes(journal[:40])
    assert shown() == []
    job.journal.write_bytes(journal)
    assert shown() == ["a"]


def test_a_job_that_finishes_elsewhere_appears(jobs_dir):
    from tests.client.results.jobs import FINISHED

    job = write_job(jobs_dir, "a", "a red chair", Progress(stage="sample", index=1, total=2))
    assert shown() == []
    job.append(FINISHED)
    assert shown() == ["a"]


def test_another_data_folder_shows_its_own_results(jobs_dir, tmp_path, monkeypatch):
    write_job(jobs_dir, "a")
    write_job(tmp_path / "other/jobs", "b")
    assert shown() == ["a"]
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "other"))
    assert shown() == ["b"]


def test_the_star_of_a_result_on_another_page_shows_before_the_pages_are_searched_again(jobs_dir, view):
    for number in range(PAGE_SIZE + 1):
        write_job(jobs_dir, f"{number:02d}")
    load()
    view.page = 1
    assert shown() == ["00"]
    view.selected, view.page = "00", 0
    assert "00" not in shown()
    bpy.ops.text3d.result_star()
    assert strip.is_busy
    assert strip.entry("00").is_starred
    bpy.ops.text3d.result_reject(job_id="05")
    assert "05" not in [entry.job_id for entry in strip.entries]
    assert len(shown()) == PAGE_SIZE


def test_variations_of_a_seed_are_a_group_with_their_own_seeds(jobs_dir):
    for name, seed in (("1", 77), ("2", 5)):
        write_job(jobs_dir, name, variation_strength=0.3, variation_seed=seed)
    load()
    texts = draw().texts
    assert texts.index("a red chair  ·  2 seeds") < texts.index("~5") < texts.index("~77")


def test_two_blenders_may_star_the_same_result(jobs_dir):
    job = write_job(jobs_dir, "a")
    load()
    set_mark(job, STARRED, on=True)
    assert bpy.ops.text3d.result_star(job_id="a") == {"FINISHED"}
    assert is_marked(job, STARRED)
    set_mark(job, STARRED, on=False)
    assert bpy.ops.text3d.result_star(job_id="a", is_starred=False) == {"FINISHED"}
    assert not is_marked(job, STARRED)


# Hostile folders and files.


def test_foreign_and_hostile_folders_are_passed_over(jobs_dir, view):
    write_job(jobs_dir, "good")
    for name in ("bad\nname", "x" * 200, "\udcff", "con"):
        write_job(jobs_dir, name)
    huge, broken = write_job(jobs_dir, "huge"), write_job(jobs_dir, "broken")
    huge.request.write_bytes(b" " * 10_000_000)
    broken.request.write_text("{", encoding="utf-8")
    (jobs_dir / "photos").mkdir()
    assert shown() == ["good"]
    drawn()


@pytest.mark.parametrize("name", ["..", "../..", "/etc", "a/b", "C:\\x", "missing", "x" * 9000])
def test_a_hostile_name_is_refused_by_every_operator(jobs_dir, view, name):
    write_job(jobs_dir.parent, "outside")
    for operator in ("import", "star", "reject", "delete", "reveal", "regenerate", "use_seed"):
        refused(getattr(bpy.ops.text3d, f"result_{operator}"), "does not exist any more", job_id=name)
    assert (jobs_dir.parent / "outside").is_dir()


def test_a_selection_from_an_untrusted_file_is_checked(jobs_dir, view):
    view.selected = "../../etc"
    refused(bpy.ops.text3d.result_delete, "does not exist any more")
    drawn()


def png(width, height, rows) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return SIGNATURE + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


HOSTILE_THUMBNAILS = {
    "empty": b"",
    "text": b"hello",
    "large": encode_png(np.zeros((600, 600, 4), np.uint8)),
    "bomb": png(100_000, 100_000, bytes(50_000_000)),
    "short": png(8, 8, b""),
    "truncated": encode_png(RED)[:-8],
    "long": encode_png(RED) + bytes(2_000_000),
}


@pytest.mark.parametrize("content", HOSTILE_THUMBNAILS.values(), ids=HOSTILE_THUMBNAILS)
def test_a_hostile_thumbnail_keeps_the_placeholder_and_is_read_once(jobs_dir, content):
    write_job(jobs_dir, "a").thumbnail.write_bytes(content)
    write_job(jobs_dir, "b").thumbnail.write_bytes(encode_png(GREEN))
    load()
    assert pixel("b") == [0, 255, 0, 255]
    assert icons.icon(strip.entry("a")) == icons.placeholder()
    with opened_files() as paths:
        load()
    assert not [path for path in paths if path.endswith(".png")]
    drawn()


def test_a_thumbnail_that_is_a_link_a_pipe_or_a_folder_is_not_read(jobs_dir, tmp_path):
    (tmp_path / "secret.png").write_bytes(encode_png(RED))
    write_job(jobs_dir, "a").thumbnail.symlink_to(tmp_path / "secret.png")
    os.mkfifo(write_job(jobs_dir, "b").thumbnail)
    write_job(jobs_dir, "c").thumbnail.mkdir()
    with opened_files() as paths:
        load()
    assert not [path for path in paths if path.endswith(".png")]


def test_a_slow_thumbnail_takes_many_steps(jobs_dir):
    rows = np.random.default_rng(0).integers(0, 256, (512, 1 + 512 * 4), np.uint8)
    rows[:, 0] = 4  # the slowest filter
    write_job(jobs_dir, "a").thumbnail.write_bytes(png(512, 512, rows.tobytes()))
    load()
    entry = strip.entries[0]
    icons.clear()
    assert sum(1 for _ in icons.load_icons([entry])) > 512


# Thumbnails.


def test_a_thumbnail_replaced_within_the_same_second_shows_the_new_one(jobs_dir):
    job = write_job(jobs_dir, "a")
    job.thumbnail.write_bytes(encode_png(RED))
    load()
    time_ns = job.thumbnail.stat().st_mtime_ns
    (job.path / "new.png").write_bytes(encode_png(GREEN))
    os.utime(job.path / "new.png", ns=(time_ns, time_ns))
    (job.path / "new.png").replace(job.thumbnail)
    load()
    assert pixel("a") == [0, 255, 0, 255]


def test_no_copy_gets_into_the_desktops_thumbnail_cache(jobs_dir, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    write_job(jobs_dir, "a").thumbnail.write_bytes(encode_png(RED))
    load()
    assert pixel("a") == [255, 0, 0, 255]
    assert not list(tmp_path.rglob("**/thumbnails/**/*.png"))


def test_icons_do_not_accumulate(jobs_dir, monkeypatch):
    monkeypatch.setattr(icons, "MAX_ICONS", 5)
    for number in range(9):
        write_job(jobs_dir, f"job-{number}").thumbnail.write_bytes(encode_png(RED))
    load()
    assert 0 < len(icons._collection) <= 5


def test_an_older_job_gets_its_thumbnail_from_the_worker(jobs_dir, drive):
    write_job(jobs_dir, "a")
    drive(lambda: load() or strip.entries[0].thumbnail is not None)
    load()
    assert pixel("a") == [255, 255, 255, 255]
    assert state.session.worker.pid
    assert not state.session.jobs


def test_thumbnails_are_requested_a_few_at_a_time_and_not_for_ever(jobs_dir, monkeypatch):
    requested = []
    monkeypatch.setattr(
        "blender_text3d.client.session.Session.request_thumbnails",
        lambda session, jobs: requested.append([job.job_id for job in jobs]) or True,
    )
    for number in range(6):
        write_job(jobs_dir, f"job-{number}")
    load()
    load()
    assert [len(jobs) for jobs in requested] == [missing_thumbnails.MAX_AT_ONCE]
    monkeypatch.setattr(missing_thumbnails, "WAIT_S", -1.0)
    for _ in range(9):
        load()
    names = [name for jobs in requested for name in jobs]
    assert {name: names.count(name) for name in names} == {f"job-{number}": 2 for number in range(6)}


def test_no_worker_is_started_for_thumbnails_without_an_environment_or_while_jobs_run(jobs_dir, monkeypatch, start_job):
    write_job(jobs_dir, "a")
    monkeypatch.setenv("TEXT3D_WORKER_PYTHON", "/nowhere/python")
    load()
    assert state.session is None
    monkeypatch.undo()


def test_a_request_waits_until_the_jobs_have_ended(jobs_dir, start_job):
    write_job(jobs_dir, "a")
    start_job("slowly")
    load()
    assert not missing_thumbnails.is_waiting()


# Operators.


def test_bring_into_scene_makes_another_object_of_the_same_job(made, scene, view):
    job = made("a red chair")
    view.selected = job.job_id
    assert bpy.ops.text3d.result_import() == {"FINISHED"}
    assert bpy.ops.text3d.result_import(job_id=job.job_id) == {"FINISHED"}
    objects = [item for item in scene.objects if item.get("text3d_job_id") == job.job_id]
    assert len(objects) == 3
    assert len({tuple(item.location) for item in objects}) == 3
    assert bpy.context.view_layer.objects.active.name == "a red chair.002"


def test_a_result_whose_geometry_is_gone_is_refused_and_keeps_its_star(made):
    job = made("a red chair")
    bpy.ops.text3d.result_star(job_id=job.job_id)
    job.mesh.unlink()
    refused(bpy.ops.text3d.result_import, "could not be imported", job_id=job.job_id)
    assert shown() == [job.job_id]
    assert is_marked(job, STARRED)


def test_a_job_from_another_machine_is_shown_and_imported(made, scene):
    job = made("a red chair")
    for path in (job.journal, job.path / "claim.json"):
        text = path.read_text(encoding="utf-8").replace('"host": "', '"host": "other-')
        path.write_text(text.replace('"machine": "', '"machine": "0'), encoding="utf-8")
    assert shown() == [job.job_id]
    assert bpy.ops.text3d.result_import(job_id=job.job_id) == {"FINISHED"}


def test_a_job_with_a_path_of_another_machine_is_refused_in_a_sentence(made):
    job = made("a red chair")
    content = json.loads(job.request.read_text(encoding="utf-8"))
    content["request"]["latent"] = "/home/somebody/latent.npz"
    job.request.write_text(json.dumps(content), encoding="utf-8")
    assert shown() == [job.job_id]
    for operator in ("import", "regenerate"):
        refused(getattr(bpy.ops.text3d, f"result_{operator}"), "latent.npz", job_id=job.job_id)


def test_prompt_seed_and_settings_are_copied_to_the_panel_alone(made, scene):
    job = made("a blue car", seed=77, quality="draft", size_m=2.5)
    settings = scene.text3d
    for name, value in {
        "prompt": "x",
        "seed": 1,
        "has_random_seed": True,
        "quality": "standard",
        "size_m": 1.0,
    }.items():
        setattr(settings, name, value)
    bpy.ops.text3d.result_use_prompt(job_id=job.job_id)
    assert (settings.prompt, settings.seed, settings.quality) == ("a blue car", 1, "standard")
    bpy.ops.text3d.result_use_seed(job_id=job.job_id)
    assert (settings.seed, settings.has_random_seed, settings.quality) == (77, False, "standard")
    settings.prompt = "x"
    bpy.ops.text3d.result_use_settings(job_id=job.job_id)
    assert (settings.prompt, settings.quality, settings.size_m) == ("a blue car", "draft", 2.5)


def test_all_settings_of_an_image_result_bring_its_own_copy_of_the_image(jobs_dir, scene):
    job = write_job(jobs_dir, "a", "mug")
    content = json.loads(job.request.read_text(encoding="utf-8"))
    content["request"]["image"] = "input_image.png"
    job.request.write_text(json.dumps(content), encoding="utf-8")
    refused(bpy.ops.text3d.result_use_settings, "no file", job_id="a")
    (job.path / "input_image.png").write_bytes(encode_png(RED))
    assert bpy.ops.text3d.result_use_settings(job_id="a") == {"FINISHED"}
    assert scene.text3d.image == str(job.path / "input_image.png")
    assert scene.text3d_input == "image"
    bpy.ops.text3d.result_use_prompt(job_id="a")
    assert (scene.text3d_input, scene.text3d.prompt) == ("text", "mug")


def test_regenerate_makes_the_same_object_again(made, scene):
    job = made("a blue car", seed=77)
    assert bpy.ops.text3d.result_regenerate(job_id=job.job_id) == {"FINISHED"}
    first, second = (item for item in scene.objects if item.type == "MESH")
    assert [tuple(vertex.co) for vertex in first.data.vertices] == [tuple(vertex.co) for vertex in second.data.vertices]
    assert first["text3d_job_id"] != second["text3d_job_id"]


def test_a_rejected_result_vanishes_and_can_be_shown_again(jobs_dir, view):
    job = write_job(jobs_dir, "a")
    assert shown() == ["a"]
    bpy.ops.text3d.result_reject(job_id="a")
    assert is_marked(job, REJECTED)
    assert shown() == []
    view.has_rejected = True
    assert shown() == ["a"]
    bpy.ops.text3d.result_reject(job_id="a", is_rejected=False)
    view.has_rejected = False
    assert shown() == ["a"]


def test_delete_removes_the_folder_and_keeps_the_object(made, scene, view):
    job = made("a red chair")
    view.selected = job.job_id
    load()
    from blender_text3d.addon.operators.result_files import delete_message
    from blender_text3d.client.results.delete import size_bytes

    size = size_bytes(job)
    assert f"{size / 1e3:,.0f} kB" in delete_message(job)
    assert '"a red chair", seed 5' in delete_message(job)
    assert bpy.ops.text3d.result_delete() == {"FINISHED"}
    assert not job.path.exists()
    assert "a red chair" in scene.objects
    assert (view.selected, shown()) == ("", [])


def test_a_job_that_has_not_ended_is_not_deleted(jobs_dir, start_job):
    (job,) = start_job("slowly")
    refused(bpy.ops.text3d.result_delete, "still", job_id=job.folder.job_id)
    assert job.folder.path.exists()


def test_a_finished_job_that_waits_to_be_imported_is_not_deleted(jobs_dir, start_job, drive):
    (job,) = start_job("a red chair")
    while not job.end:
        from blender_text3d.addon.jobs import poll_timer

        poll_timer.poll_events()
    refused(bpy.ops.text3d.result_delete, "waits to be imported", job_id=job.folder.job_id)
    drive(lambda: not state.jobs)
    assert bpy.ops.text3d.result_delete(job_id=job.folder.job_id) == {"FINISHED"}


def test_the_objects_of_a_result_are_selected(made, scene):
    first, second = made("a red chair"), made("a blue car")
    assert bpy.ops.text3d.result_select_objects(job_id=first.job_id) == {"FINISHED"}
    assert [item.name for item in bpy.context.selected_objects] == ["a red chair"]
    bpy.data.objects.remove(bpy.data.objects["a blue car"])
    refused(bpy.ops.text3d.result_select_objects, "No visible object", job_id=second.job_id)


def test_without_a_selection_an_operator_says_so(jobs_dir):
    for operator in ("import", "delete", "star", "use_prompt", "reveal"):
        refused(getattr(bpy.ops.text3d, f"result_{operator}"), "No result is selected")


def test_with_no_results_at_all_the_operators_are_grayed_out(jobs_dir):
    load()
    refused(bpy.ops.text3d.result_import, "No results")


def test_the_selected_result_is_described_and_its_buttons_act_on_it(jobs_dir, view):
    write_job(jobs_dir, "a", "a blue car", seed=1421)
    load()
    bpy.ops.text3d.result_select(job_id="a")
    assert view.selected == "a"
    layout = draw()
    text = "\n".join(layout.texts)
    assert "Mini Shap-E  ·  1421" in text
    names = {button.identifier.removeprefix("TEXT3D_OT_result_") for button in layout.buttons}
    expected = {"import", "use_prompt", "use_seed", "use_settings", "regenerate", "star", "reject", "reveal", "delete"}
    assert expected | {"select_objects", "TEXT3D_OT_open_recording"} <= names


def test_a_recording_that_is_missing_or_a_link_is_not_opened(jobs_dir, tmp_path, monkeypatch):
    job = write_job(jobs_dir, "a")
    assert bpy.ops.text3d.open_recording(job_id="a") == {"CANCELLED"}
    (tmp_path / "outside.rrd").write_bytes(b"x")
    job.rrd.symlink_to(tmp_path / "outside.rrd")
    assert bpy.ops.text3d.open_recording(job_id="a") == {"CANCELLED"}


def test_the_timer_ends_when_the_panel_is_not_drawn_any_more(jobs_dir, monkeypatch):
    timer.note_drawn()
    assert timer.drawn_timer.on_timer() is not None
    monkeypatch.setattr(drawn_timer, "UNDRAWN_S", -1.0)
    assert timer.drawn_timer.on_timer() == drawn_timer.PROBE_INTERVAL_S
    assert timer.drawn_timer.on_timer() is None
    timer.note_drawn()
    assert timer.drawn_timer.on_timer() is not None


def test_an_error_in_a_tick_is_told_once_and_ends_the_timer(jobs_dir, monkeypatch):
    monkeypatch.setattr(timer, "current_view", lambda: 1 / 0)
    timer.note_drawn()
    assert timer.drawn_timer.on_timer() is None
    assert "division by zero" in str(state.problem)


def test_results_of_one_seed_each_are_drawn_side_by_side(jobs_dir):
    prompts = {"1": "a cup", "2": "a cup", "3": "a car", "4": "a boat", "5": "a tree"}
    for seed, (name, prompt) in enumerate(prompts.items()):
        write_job(jobs_dir, name, prompt, seed=seed)
    load()
    assert [[entry.job_id for entry in row] for row in rows_of_groups(strip.entries)] == [["5", "4", "3"], ["1", "2"]]


def test_the_newest_result_is_selected_unless_another_one_is(jobs_dir, view):
    for name in "ab":
        write_job(jobs_dir, name)
    load()
    assert view.selected == "b"
    bpy.ops.text3d.result_select(job_id="a")
    write_job(jobs_dir, "c")
    load()
    assert view.selected == "a"


def test_half_transparent_pixels_are_multiplied_by_alpha_as_blender_draws_previews(jobs_dir):
    write_job(jobs_dir, "a").thumbnail.write_bytes(encode_png(np.full((4, 4, 4), (200, 100, 0, 128), np.uint8)))
    load()
    assert np.abs(np.subtract(pixel("a"), (100, 50, 0, 128))).max() <= 1
