# SPDX-License-Identifier: GPL-3.0-or-later
"""Untrusted .blend files and job folders: they start nothing, and their values are validated."""

import json
import os
import sys
from pathlib import Path

import bpy
import pytest

from blender_text3d.addon import handlers
from blender_text3d.addon.jobs import from_recipe, image_icons, import_result, job_scan, previews
from blender_text3d.addon.jobs.free_location import first_free_slot
from blender_text3d.addon.operators.recipe import active_recipe
from blender_text3d.addon.panels import recipe
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.active_job import ActiveJob, ImportTarget
from blender_text3d.addon.state.session_state import state
from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Finished
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.scene import find
from tests.blender.recording_layout import RecordingLayout, drawn

heard: list[str] = []
sys.addaudithook(lambda event, arguments: heard.append(event) if event.startswith(("socket.", "urllib.")) else None)
DEEP = "[" * 100_000
WRONG = [
    7,
    1.5,
    True,
    [1, 2, 3],
    [1.0] * 100,
    {"a": {"b": 1}},
    b"\xff\xfe",
    "",
    "\0",
    "x" * 2**24,
    DEEP,
    "{}",
    "[]",
    "null",
]
GOOD = {"prompt": "a red chair", "model": "mini/shap-e", "seed": 5, "quality": "standard", "steps": 4, "guidance": 2.0,
        "grid": 32, "outputs": "mesh", "size_m": 1.0}  # fmt: skip
PATHS = [
    "\\\\host\\share\\a.png", "//host/share/a.png", "/dev/zero", "/proc/self/mem", "/nowhere", "/",
    "../../../etc/passwd", "a\0b", "pipe",
]  # fmt: skip
ODD = [None, [], {}, [[]], {"a": 1}, "x" * 10_000, "\x1b[31m", 10**400, -1, float("nan"), float("inf"), True]


def own_sockets() -> set[str]:
    """Return the internet sockets of this process."""
    own = {os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if is_there(name)}
    tables = (Path(f"/proc/net/{name}") for name in ("tcp", "tcp6", "udp", "udp6"))
    rows = [line.split() for table in tables if table.exists() for line in table.read_text().splitlines()[1:]]
    return {row[1] for row in rows if f"socket:[{row[9]}]" in own}


def is_there(descriptor: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{descriptor}")


@pytest.fixture
def thing(scene) -> bpy.types.Object:
    """An object from an untrusted file."""
    target = bpy.data.objects.new("thing", bpy.data.meshes.new("thing"))
    scene.collection.objects.link(target)
    bpy.context.view_layer.objects.active = target
    return target


def refused(operator: str) -> str:
    with pytest.raises(RuntimeError) as caught:
        getattr(bpy.ops.text3d, operator)()
    message = str(caught.value).removeprefix("Error: ").strip()
    assert 0 < len(message) < 500
    assert not state.jobs
    assert str(state.problem) == message.splitlines()[0]
    return message


def nothing_began() -> bool:
    jobs = choices().jobs_dir
    return state.session is None and not state.jobs and not (jobs.exists() and any(jobs.iterdir()))


def test_register_generate_and_import_have_no_socket(addon, scene):
    heard.clear()
    assert bpy.ops.text3d.generate() == {"FINISHED"}
    assert len(scene.objects) == 1
    bpy.ops.text3d.make_again()
    bpy.ops.text3d.find_jobs()
    assert heard == []
    assert own_sockets() == set()


def test_a_socket_would_have_been_seen():
    import socket

    with socket.create_server(("127.0.0.1", 0)):
        assert "socket.bind" in heard
        assert own_sockets()


@pytest.mark.parametrize("number", range(len(WRONG)))
@pytest.mark.parametrize("name", ["text3d_recipe", "text3d_job_id", "text3d_forming"])
def test_a_property_of_another_kind_is_no_recipe_and_no_progress(addon, scene, thing, name, number):
    try:
        thing[name] = WRONG[number]
    except (TypeError, ValueError):
        pytest.skip("Blender itself takes no such property")
    assert active_recipe(bpy.context) in (None, {})
    for operator in ("make_again", "decode_again", "use_settings"):
        getattr(bpy.ops.text3d, operator).poll()
    recipe.TEXT3D_PT_recipe.poll(bpy.context)
    handlers.on_undo(None)
    assert find.objects_of_job("job") == []
    assert find.find_preview("job", "thing") is None
    import_result.remove_preview("job")
    assert first_free_slot(make_requests("a")[0], scene) >= 0
    assert nothing_began()


@pytest.mark.parametrize("kind", ["empty", "cameras", "lights", "curves"])
def test_an_object_that_is_not_a_mesh_is_never_removed_as_a_preview(addon, scene, kind):
    more = {"lights": ["POINT"], "curves": ["CURVE"]}.get(kind, [])
    content = None if kind == "empty" else getattr(bpy.data, kind).new("x", *more)
    thing = bpy.data.objects.new("thing", content)
    scene.collection.objects.link(thing)
    thing["text3d_forming"] = "job"
    handlers.on_undo(None)
    import_result.remove_preview("job")
    assert scene.objects.get("thing") is not None


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("key", [*GOOD, "image", "latent", "views", "view_mode", "view_size"])
def test_regenerate_validates_an_untrusted_recipe_like_any_request(addon, thing, key, value):
    thing["text3d_recipe"] = json.dumps(GOOD | {key: value})
    if (key, value) in (("seed", None), ("steps", None), ("guidance", None), ("grid", None)):
        from_recipe.regenerate(active_recipe(bpy.context), bpy.context.scene)  # as without a user's choice
        state.session.cancel_all()
        return
    if (key in ("image", "latent") and value in ([], {}, None)) or len(json.dumps(value)) > 20_000:
        return
    refused("make_again")
    assert nothing_began() or key in ("image", "latent")


@pytest.mark.parametrize("key", ["image", "latent"])
@pytest.mark.parametrize("path", PATHS)
def test_a_recipes_paths_are_refused_in_a_sentence(addon, thing, tmp_path, key, path):
    if path == "pipe":
        path = str(tmp_path / "pipe")
        os.mkfifo(path)
    thing["text3d_recipe"] = json.dumps(GOOD | {key: path})
    heard.clear()
    refused("make_again")
    assert not heard
    assert not list(choices().jobs_dir.glob("*-*"))


@pytest.mark.parametrize(
    "job_id", ["../../secret", "/etc", "..", "", 5, None, [], "a\0b", "x" * 5000, "\\\\host\\share"]
)
def test_a_recipes_job_id_is_not_followed_outside_the_jobs_folder(addon, thing, tmp_path, job_id):
    outside = choices().jobs_dir.parent.parent / "secret"
    outside.mkdir(exist_ok=True)
    (outside / "latent.npz").write_bytes(b"secret")
    thing["text3d_recipe"] = json.dumps(GOOD | {"job_id": job_id, "image": "a.png"})
    assert "no longer exists" in refused("decode_again")
    assert recipe.icon_of_recipe(active_recipe(bpy.context)) == 0


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("key", GOOD)
def test_untrusted_values_reach_the_panel_or_are_refused(addon, thing, key, value):
    thing["text3d_recipe"] = json.dumps(GOOD | {key: value})
    try:
        assert bpy.ops.text3d.use_settings() == {"FINISHED"}
    except RuntimeError as error:
        assert "do not fit" in str(error)
    assert nothing_began()


def test_opening_an_untrusted_file_starts_nothing(addon, thing, tmp_path):
    settings = bpy.context.scene.text3d
    settings.prompt, settings.image = "a red chair", "\\\\host\\share\\a.png"
    settings.has_live_view, settings.live_view_address = True, "rerun+http://example.org:9876/proxy"
    thing["text3d_recipe"], thing["text3d_job_id"] = json.dumps(GOOD), "../.."
    script = bpy.data.texts.new("evil.py")
    script.write(f"open({str(tmp_path / 'trace')!r}, 'w')")
    script.use_module = True
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "file.blend"), copy=True)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    heard.clear()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "file.blend"))
    job_scan.scan_for()
    assert bpy.context.scene.objects["thing"]["text3d_job_id"] == "../.."
    assert nothing_began()
    assert heard == []
    assert own_sockets() == set()
    assert not (tmp_path / "trace").exists()
    assert not bpy.app.driver_namespace.get("text3d")


@pytest.mark.parametrize("path", ["\\\\host\\share\\a.png", "\\??\\UNC\\host\\share\\a.png"])
def test_an_image_on_another_machine_in_an_untrusted_file_is_never_accessed(addon, monkeypatch, path):
    addon.model, addon.image = "shap-e/image300M", path
    asked = []
    monkeypatch.setattr(image_icons, "has_window", lambda: True)
    for owner, name in ((os.path, "isfile"), (Path, "stat"), (Path, "is_file")):
        was = getattr(owner, name)

        def spy(self, *rest, was=was, **more):
            asked.append(str(self))
            return was(self, *rest, **more)

        monkeypatch.setattr(owner, name, spy)
    assert "another machine" in drawn(RecordingLayout()).replace("\n", " ")
    assert "another machine" in refused("generate")
    assert not [seen for seen in asked if "host" in seen]
    assert nothing_began()


def test_an_untrusted_file_cannot_send_the_live_view_to_another_machine(addon):
    addon.has_live_view, addon.live_view_address = True, "rerun+http://example.org:9876/proxy"
    assert "another machine" in refused("generate")
    assert nothing_began()


def test_an_untrusted_job_cannot_send_its_live_view_to_another_machine(addon, scene):
    folder = create_job(choices().jobs_dir, make_requests("a", viewer="rerun+http://example.org:9876/proxy")[0])
    state.unclaimed = [folder]
    assert "example.org" in refused("resume_jobs")
    assert folder.claimed_by() is None
    assert state.session is None


@pytest.mark.parametrize("file", ["../../secret.npz", "/etc/passwd", "link.npz", "..", "mesh.npz"])
def test_an_untrusted_job_imports_no_file_from_outside(addon, scene, file):
    folder = create_job(choices().jobs_dir, make_requests("a")[0])
    (folder.path / "link.npz").symlink_to("/etc/passwd")
    os.mkfifo(folder.mesh)
    folder.append(Finished(elapsed_s=1.0, files={"mesh": file}))
    state.ready = [folder]
    assert "could not be imported" in refused("import_job")
    assert not scene.objects


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04cos\nsystem\n."])
def test_a_preview_that_is_none_is_passed_over(addon, scene, content):
    folder = create_job(choices().jobs_dir, make_requests("a")[0])
    folder.preview.write_bytes(content)
    job = ActiveJob(folder, folder.read_request(), ImportTarget(scene.name, (0.0, 0.0, 0.0)), has_new_preview=True)
    previews.show_newest_preview(job)
    assert not scene.objects


def test_a_panel_accesses_no_other_machine_and_no_decompression_bomb(monkeypatch, tmp_path):
    monkeypatch.setattr(image_icons, "has_window", lambda: True)
    monkeypatch.setattr(image_icons, "icon", lambda path, key: 1)
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xc3\x50\0\0\xc3\x50" + bytes(40))
    (tmp_path / "fine.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x50\0\0\0\x50" + bytes(40))
    os.mkfifo(tmp_path / "pipe.png")
    asked = [
        str(tmp_path / "bomb.png"),
        str(tmp_path / "pipe.png"),
        "/dev/zero",
        "\\\\host\\a.png",
        "//host/a.png",
        "a\0b",
    ]
    assert [image_icons.file_icon(path) for path in asked] == [0] * len(asked)
    assert image_icons.file_icon(str(tmp_path / "fine.png")) == 1


def test_untrusted_jobs_are_scanned_without_an_error(addon):
    jobs = choices().jobs_dir
    for number, content in enumerate(("", DEEP, "[]", "5", "{}", "\0", '{"pid": "1"}')):
        folder = jobs / f"2020-{number}"
        folder.mkdir(parents=True)
        for name in ("request.json", "events.jsonl", "claim.json"):
            (folder / name).write_text(content)
    (jobs / "2021-pipe").mkdir()
    (jobs / "2021-pipe" / "request.json").write_text("{}")
    os.mkfifo(jobs / "2021-pipe" / "events.jsonl")
    (jobs / "2021-link").symlink_to("/")
    job_scan.scan_all(jobs)
    assert state.ready == []
    assert isinstance(JobFolder(jobs / "2021-pipe").events(), list)
