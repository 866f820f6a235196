# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check finds a real fault, and passes without one."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from blender_text3d.doctor.checks import (
    blenders,
    clock_and_paths,
    device,
    disk,
    environment,
    models,
    network,
    packages,
    sample_job,
)
from blender_text3d.doctor.context import Context
from blender_text3d.doctor.finding import BAD, GOOD, WARN, parse_finding
from blender_text3d.doctor.run_checks import CHECKS, run_checks
from blender_text3d.environment.installers.nvidia_driver import Card
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.manifest import FILE_NAME, Manifest, write_manifest
from blender_text3d.environment.paths import worker_python
from blender_text3d.environment.requirements import WORKER
from blender_text3d.protocol.events import Failed

FACTS = {
    "python": "3.12.1",
    "broken": {},
    "threads": 2,
    "rerun": "0.41.0",
    "torch": "2.13.0+cpu",
    "cuda": "",
    "hip": "",
}
CUDA = FACTS | {"torch": "2.13.0+cu130", "cuda": "13.0"}


@pytest.fixture
def context(tmp_path) -> Context:
    """A healthy machine as far as files go; the worker's Python answers with FACTS."""
    data = tmp_path / "data"
    context = Context(data_dir=data, jobs_dir=data / "jobs", env_dir=data / "worker-env")
    worker_python(context.env_dir).parent.mkdir(parents=True)
    answers(worker_python(context.env_dir), f"print({json.dumps(FACTS)!r})")
    write_manifest(context.env_dir, Manifest("ready", WORKER.sha256, sys.executable))
    return context


def answers(program: Path, script: str) -> None:
    """A program in a Python's place that runs one script, whatever it is asked."""
    program.with_suffix(".script").write_text(script, encoding="utf-8")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}.script"\n', encoding="utf-8")
    program.chmod(0o755)


def states(findings) -> dict[str, str]:
    return {finding.check: finding.state for finding in findings}


def only(findings):
    (finding,) = findings
    assert finding.state == GOOD or finding.fix
    return finding


def test_a_healthy_machine_has_nothing_to_be_mended(context):
    found = list(
        run_checks(replace(context, blender={"version": "5.2.0", "online_access": False, "user_folder": "/none"}))
    )
    assert {finding.state for finding in found} == {GOOD}, [finding.line() for finding in found]
    assert {"blender", "environment", "device", "rerun", "shipped", "jobs", "online", "clock"} <= set(states(found))


def test_a_blender_that_is_too_old_is_bad(context):
    assert only(blenders.blender_version(replace(context, blender={"version": "4.1.1"}))).state == BAD
    assert only(blenders.blender_version(replace(context, blender={"version": "10.0"}))).state == GOOD


def test_the_blender_on_path_is_asked_for_its_version(context, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    answers(tmp_path / "bin/blender", 'print("Blender 3.6.2\\n\\tbuild date: then")')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    assert "3.6.2" in only(blenders.blender_version(context)).found
    (tmp_path / "bin/blender").write_text("no program")
    assert only(blenders.blender_version(context)).state == GOOD


def test_an_environment_that_is_missing_is_bad_and_set_up_mends_it(context):
    shutil.rmtree(context.env_dir)
    found = only(environment.environment(context))
    assert (found.state, found.button) == (BAD, "setup") and "Setup has not been run" in found.found


def test_an_environment_that_was_left_half_made_is_bad(context):
    write_manifest(context.env_dir, Manifest("making", WORKER.sha256, sys.executable))
    assert "is incomplete" in only(environment.environment(context)).found
    with hold_lock(context.env_dir):
        assert only(environment.environment(context)).button == ""  # a second maker would be refused


def test_a_folder_with_other_files_is_answered_by_another_folder(context):
    (context.env_dir / FILE_NAME).unlink()
    assert only(environment.environment(context)).button == "preferences"


def test_an_environment_of_an_older_version_is_bad(context):
    write_manifest(context.env_dir, Manifest("ready", "other packages", sys.executable))
    assert "another version" in only(environment.environment(context)).found


def test_an_environment_whose_python_was_removed_is_bad(context):
    worker_python(context.env_dir).unlink()
    assert "no longer exists" in only(environment.environment(context)).found


def test_a_named_python_that_is_not_there_is_bad(context, tmp_path):
    assert only(environment.environment(replace(context, own_python=tmp_path / "nowhere"))).button == "preferences"
    assert only(environment.environment(replace(context, own_python=Path(sys.executable)))).state == GOOD


def test_a_lock_whose_holder_says_nothing_is_bad_and_one_that_works_is_not(context):
    with hold_lock(context.env_dir) as is_alone:
        assert is_alone and only(environment.lock(context)).state == WARN
        for file in [context.env_dir]:
            os.utime(file, (1, 1))
        assert only(environment.lock(context)).state == BAD
        assert list(environment.lock(replace(context, own_python=context.python))) == []
    assert only(environment.lock(context)).state == GOOD


def test_a_python_that_never_answers_is_bad_and_is_not_waited_for(context):
    answers(context.python, "import time; time.sleep(60)")
    began = time.monotonic()
    assert "did not answer" in only(packages.packages(context, timeout_s=0.5)).found
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("script", ["import sys; sys.exit('a broken Python')", "print('')", "print('{')"])
def test_a_python_that_breaks_off_is_bad(context, script):
    answers(context.python, script)
    assert only(packages.packages(context)).state == BAD


def test_a_python_that_cannot_be_run_is_bad(context):
    context.python.write_bytes(b"\x7fELF no program")
    assert "cannot be started" in only(packages.packages(context)).found


def test_a_real_python_without_the_packages_is_bad_and_names_them(context, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    found = {
        finding.check: finding for finding in packages.packages(replace(context, own_python=tmp_path / "bare/bin/python"))
    }
    assert found["packages"].state == BAD and found["packages"].button == "preferences"
    assert "torch does not work (ModuleNotFoundError" in found["packages"].found


def test_packages_of_our_environment_that_do_not_work_are_repaired_as_set_up_would_find_it_ready(context):
    answers(context.python, f"print({json.dumps(FACTS | {'broken': {'torch': 'gone'}})!r})")
    found = {finding.check: finding for finding in packages.packages(context)}
    assert (found["packages"].state, found["packages"].button) == (BAD, "repair")
    assert "environment repair" in found["packages"].fix


def test_a_rerun_of_another_version_is_told_and_a_repair_would_not_change_it(context):
    answers(context.python, f"print({json.dumps(FACTS | {'rerun': '0.4.1'})!r})")
    found = {finding.check: finding for finding in packages.packages(context)}
    assert (found["rerun"].state, found["rerun"].button) == (WARN, "renew")


def test_a_python_of_another_version_is_told(context):
    answers(context.python, f"print({json.dumps(FACTS | {'python': '3.9.1'})!r})")
    assert states(packages.packages(context))["worker_python"] == WARN


@pytest.fixture
def machine_with(tmp_path):
    """A function that gives the root of a system with these graphics cards, and their driver or not."""

    def machine_with(*vendors: str, has_driver: bool = False) -> Path:
        root = tmp_path / "system"
        for index, vendor in enumerate(vendors):
            device = root / f"sys/bus/pci/devices/0000:0{index}:00.0"
            device.mkdir(parents=True)
            (device / "class").write_text("0x030000\n")
            (device / "vendor").write_text(f"{vendor}\n")
        if has_driver and "0x1002" in vendors:
            (root / "dev/kfd").mkdir(parents=True)
        if has_driver and "0x10de" in vendors:
            (root / "proc/driver/nvidia").mkdir(parents=True)
            (root / "proc/driver/nvidia/version").write_text("595")
        return root

    return machine_with


@pytest.mark.parametrize(
    ("facts", "vendors", "has_driver", "state", "words"),
    [
        (FACTS, (), False, GOOD, "CPU, 2 threads"),
        (FACTS, ("0x8086",), False, GOOD, "CPU"),
        (FACTS, ("0x10de",), True, WARN, "but there is an NVIDIA card"),
        (FACTS, ("0x10de",), False, WARN, "driver is not running"),
        (FACTS, ("0x1002",), True, WARN, "but there is an AMD card"),
        (FACTS, ("0x1002",), False, GOOD, "CPU"),
        (CUDA, (), False, WARN, "there is no such card"),
        (CUDA, ("0x10de",), False, WARN, "driver is not running"),
        (CUDA | {"why": "driver too old"}, ("0x10de",), True, WARN, "cannot use the card (driver too old)"),
        (CUDA | {"devices": ["NVIDIA H100"]}, ("0x10de",), True, GOOD, "NVIDIA H100"),
        (FACTS | {"mps": True}, (), False, GOOD, "Apple GPU"),
        (FACTS | {"hip": "6.4"}, ("0x1002",), False, WARN, "ROCm 6.4 cannot use the card"),
    ],
)
def test_the_build_of_torch_is_held_against_the_card(context, machine_with, facts, vendors, has_driver, state, words):
    found = only([device.device(context, facts, machine_with(*vendors, has_driver=has_driver))])
    assert found.state == state and words in found.found


@pytest.mark.parametrize(
    ("facts", "vendor", "chosen", "button", "words"),
    [
        (FACTS, "0x10de", "auto", "renew", "Press Set Up Again."),  # the driver came after Set Up
        (FACTS, "0x10de", "cpu", "preferences", "Choose Automatic as PyTorch"),
        (FACTS, "0x10de", None, "preferences", "environment renew --torch auto"),
        (FACTS, "0x1002", "auto", "preferences", "Choose AMD ROCm 7.2 as PyTorch"),
        (FACTS, "0x1002", "rocm7.2", "renew", "Press Set Up Again."),
        (CUDA, "0x1002", "auto", "", "Install NVIDIA's driver"),
        (FACTS | {"hip": "7.2"}, "0x8086", "cpu", "renew", "gigabytes, press Set Up Again."),
    ],
)
def test_the_button_for_another_build_leads_on_from_what_is_chosen(
    context, machine_with, facts, vendor, chosen, button, words
):
    asking = replace(context, blender={"torch": chosen} if chosen else {})
    found = device.device(asking, facts, machine_with(vendor, has_driver=True))
    assert (found.state, found.button) == (WARN, button) and words in found.fix


def test_to_a_python_of_the_users_own_no_set_up_is_offered(context, machine_with):
    own = replace(context, own_python=context.python)
    broken = FACTS | {"broken": {"torch": "gone"}, "rerun": "0.4.1", "python": "3.9.1"}
    found = [
        device.device(own, FACTS, machine_with("0x10de", has_driver=True)),
        packages.imports(own, broken),
        packages.rerun(own, broken),
        packages.python_version(own, broken),
    ]
    assert {finding.button for finding in found} == {"preferences"}
    assert not [finding.fix for finding in found if "Set Up" in finding.fix]


def test_a_card_or_driver_that_is_too_old_for_cuda_13_is_told_what_serves(context, machine_with, monkeypatch):
    facts, root = CUDA | {"why": "no kernel image is available"}, machine_with("0x10de", has_driver=True)
    monkeypatch.setattr(device, "query_driver", lambda: [Card(6.1, 580)])
    found = only([device.device(context, facts, root)])
    assert found.state == WARN and "too old for CUDA 13.0 (no kernel image is available)" in found.found
    assert "NVIDIA CUDA 12.6" in found.fix
    assert device.device(replace(context, blender={"torch": "auto"}), facts, root).button == "renew"
    monkeypatch.setattr(device, "query_driver", lambda: [Card(8.6, 580)])
    assert "too old" not in device.device(context, facts, root).found


@pytest.fixture
def small_models(tmp_path):
    """A copy of the small models' files."""
    for name in models.SHIPPED_NAMES:
        shutil.copy(models.SHIPPED / f"{name}.safetensors", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("break_file", "words"),
    [
        (lambda file: os.truncate(file, file.stat().st_size - 1), "bytes instead of"),
        (lambda file: file.write_text("version https://git-lfs.github.com/spec/v1\noid 1"), "not a weights file"),
        (lambda file: file.write_bytes(b""), "not a weights file"),
        (lambda file: file.unlink(), "cannot be read"),
    ],
)
def test_a_small_model_that_is_not_whole_is_bad(context, small_models, break_file, words):
    assert only(models.shipped(context, small_models)).state == GOOD
    break_file(small_models / "words.safetensors")
    found = only(models.shipped(context, small_models))
    assert found.state == BAD and words in found.found


def test_official_files_that_are_damaged_or_unverified_are_told(context, tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path / "weights"))
    assert "none downloaded" in only(models.official(context)).found
    place_one(tmp_path / "weights")
    found = only(models.official(context))
    assert found.state == WARN and "not verified" in found.found
    damaged = only(models.official(replace(context, is_full=True)))
    assert damaged.state == BAD and "fetch" in damaged.found
    assert "put aside as damaged" in only(models.official(context)).found


def place_one(weights: Path) -> None:
    """A file in the place of one checkpoint, whose content is no weights."""
    from blender_text3d.engine.weights.catalogue import CHECKPOINTS

    file = weights / CHECKPOINTS["shap-e/decoder"].variants[0].path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"an error page")


def test_a_download_that_was_begun_is_told(context, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "run_weights_command", lambda *_: [listed_file(file="", received_bytes=5)])
    found = list(models.official(context))
    assert [finding.check for finding in found] == ["official", "official_half"] and found[1].state == WARN


def listed_file(**changes) -> dict:
    return {"name": "a/b", "folder": "/nowhere", "sha256": "", "received_bytes": 0, "file": ""} | changes


def test_a_disk_without_room_is_bad(context):
    assert only(disk.free_space(context, needed_gb=1e9)).state == BAD
    assert only(disk.free_space(context)).wanted == "1 GB"
    shutil.rmtree(context.env_dir)
    assert only(disk.free_space(context)).wanted == f"{WORKER.needed_gb:.0f} GB"


def test_a_jobs_folder_that_cannot_be_written_is_bad_and_looking_leaves_nothing_behind(context):
    assert only(disk.jobs_folder(context)).state == GOOD and not context.jobs_dir.exists()
    context.jobs_dir.write_text("a file in the way")
    found = only(disk.jobs_folder(context))
    assert (found.state, found.button) == (BAD, "preferences")


@pytest.mark.parametrize(
    ("kind", "state", "words"),
    [("ext4", GOOD, "ext4"), ("tmpfs", WARN, "in memory"), ("nfs4", WARN, "over a network")],
)
def test_a_jobs_folder_in_memory_or_on_a_network_is_told(context, tmp_path, kind, state, words):
    mounts = f"root / ext4 rw 0 0\nother {tmp_path} {kind} rw 0 0\n"
    found = only(disk.real_disk(context, mounts))
    assert found.state == state and words in found.found


def test_a_folder_that_may_not_be_looked_into_breaks_no_look_off(context, monkeypatch):
    def refuse(path, **_):
        if str(path).startswith(str(context.data_dir)):
            raise PermissionError(13, "Permission denied", str(path))
        return real_stat(path, **_)

    real_stat = os.stat
    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.setattr(Path, "stat", lambda self, **_: refuse(self, **_))
    assert disk.nearest_existing(context.jobs_dir) == context.data_dir.parent
    assert list(packages.packages(context)) == [] == list(sample_job.sample_job(replace(context, is_full=True)))
    assert only(environment.environment(replace(context, own_python=context.python))).state == BAD


def test_this_machines_own_mounts_can_be_read(context):
    assert only(disk.real_disk(context)).found


def test_a_jobs_folder_that_a_service_copies_elsewhere_is_told(context, tmp_path):
    synced = tmp_path / "OneDrive - Studio" / "jobs"
    synced.mkdir(parents=True)
    assert "onedrive" in only(disk.real_disk(replace(context, jobs_dir=synced))).found


def test_certificates_and_proxies_that_cannot_be_are_bad_and_no_value_is_told(context, tmp_path):
    good = {"HTTPS_PROXY": "http://me:secret@proxy:8080", "SSL_CERT_FILE": str(tmp_path)}
    found = only(network.proxies(context, good))
    assert found.state == GOOD and found.found == "set: HTTPS_PROXY, SSL_CERT_FILE"
    for wrong in (
        {"SSL_CERT_FILE": str(tmp_path / "gone.pem")},
        {"http_proxy": "http://"},
        {"ALL_PROXY": "http://[::"},
    ):
        found = only(network.proxies(context, good | wrong))
        assert found.state == BAD and "secret" not in found.line() and "gone.pem" not in found.line()


def test_online_access_is_bad_only_where_something_must_be_fetched(context):
    offline = replace(context, blender={"online_access": False})
    assert only(blenders.online_access(offline)).state == GOOD
    shutil.rmtree(context.env_dir)
    assert (only(blenders.online_access(offline)).state, only(blenders.online_access(offline)).button) == (
        BAD,
        "network",
    )
    assert only(blenders.online_access(replace(context, blender={"online_access": True}))).state == GOOD
    assert only(blenders.online_access(replace(offline, own_python=Path("/no/such/python")))).state == GOOD
    assert list(blenders.online_access(context)) == []


def test_a_viewer_that_does_not_listen_is_told_and_a_wrong_address_is_bad(context):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        address = f"rerun+http://127.0.0.1:{port}/proxy"
        assert only(network.viewer_port(replace(context, viewer=address))).state == WARN
        listener.listen()
        assert only(network.viewer_port(replace(context, viewer=address))).state == GOOD
    for wrong in ("localhost:9876", "rerun+http://", "rerun+http://a:b:c", "rerun+http://a:1\\@localhost:2/proxy"):
        assert only(network.viewer_port(replace(context, viewer=wrong))).state == BAD
    assert "not checked" in only(network.viewer_port(replace(context, viewer="rerun+http://elsewhere:9876/proxy"))).found


def test_a_machine_without_a_loopback_is_told(context, monkeypatch):
    monkeypatch.setattr(network, "LOOPBACK", "203.0.113.1")  # an address that is no machine's
    assert only(network.viewer_port(context)).state == WARN


def test_a_clock_before_the_add_ons_own_files_is_bad(context):
    assert only(clock_and_paths.clock(context)).state == GOOD
    assert only(clock_and_paths.clock(context, now_s=time.time() - 4000 * 86_400)).state == BAD


def test_a_disk_with_another_time_is_told(context, monkeypatch):
    monkeypatch.setattr(clock_and_paths, "write_time", lambda folder: time.time() + 3600)
    assert only(clock_and_paths.clock(context)).state == WARN


def test_paths_that_are_too_long_for_windows_are_bad_there_alone(context, tmp_path):
    deep = replace(context, env_dir=tmp_path / ("long" * 25) / "worker-env")
    assert only(clock_and_paths.long_paths(deep, True, False)).state == BAD
    assert only(clock_and_paths.long_paths(deep, True, True)).state == GOOD
    assert list(clock_and_paths.long_paths(deep)) == []


@pytest.fixture
def blender_folder(tmp_path, monkeypatch):
    """A function that installs a copy of the add-on's outline in a place of a Blender's user folder."""
    monkeypatch.delenv("BLENDER_USER_RESOURCES", raising=False)
    monkeypatch.setattr(blenders, "user_root", lambda: tmp_path / "blender")

    def install(place: str, version: str = "0.1.0") -> Path:
        copy = tmp_path / "blender" / place
        (copy / "addon").mkdir(parents=True)
        (copy / "protocol").mkdir()
        for file in (copy / "__init__.py", copy / "addon/registration.py"):
            file.write_text("")
        (copy / "protocol/version.py").write_text(f'ENGINE_VERSION = "{version}"\n')
        return copy

    return install


def test_one_copy_in_each_blender_is_well(context, blender_folder):
    blender_folder("4.2/extensions/user_default/blender_text3d")
    blender_folder("5.2/extensions/user_default/blender_text3d")
    assert only(blenders.copies(context)).found == "2 installed"


@pytest.mark.parametrize("other", ["extensions/other/blender_text3d", "scripts/addons/blender_text3d"])
def test_two_copies_in_one_blender_are_bad(context, blender_folder, other):
    blender_folder("5.2/extensions/user_default/blender_text3d")
    blender_folder(f"5.2/{other}")
    found = only(blenders.copies(context))
    assert found.state == BAD and "Blender 5.2" in found.found


def test_a_zip_that_was_unpacked_with_its_outer_folder_counts_too(context, blender_folder, tmp_path):
    blender_folder("4.2/scripts/addons/main/blender_text3d")
    blender_folder("4.2/extensions/user_default/blender_text3d")
    running = replace(context, blender={"user_folder": str(tmp_path / "blender/4.2")})
    assert only(blenders.copies(running)).state == BAD


def test_copies_of_different_versions_are_told(context, blender_folder):
    blender_folder("4.2/extensions/user_default/blender_text3d", "0.1.0")
    blender_folder("5.2/extensions/user_default/blender_text3d", "0.2.0")
    assert only(blenders.copies(context)).state == WARN


def test_a_worker_that_makes_nothing_fails_its_self_test(context):
    answers(context.python, "import sys; sys.exit('no engine here')")
    found = only(sample_job.sample_job(replace(context, is_full=True), timeout_s=30))
    assert found.state == BAD and "no engine here" in found.found and found.button == "repair"
    assert list(sample_job.sample_job(context)) == []


def test_a_self_test_that_found_the_disk_full_offers_what_frees_it(context, monkeypatch):
    end = Failed(message="The disk is full.", reason="disk_full", fix="Free some space.")
    monkeypatch.setattr(sample_job, "run_sample_job", lambda python, within_s: ([end], ""))
    found = only(sample_job.sample_job(replace(context, is_full=True)))
    assert (found.button, found.fix) == ("jobs", "Free some space.")


def test_a_worker_that_hangs_is_ended(context):
    answers(context.python, "import time; time.sleep(60)")
    assert "was ended" in only(sample_job.sample_job(replace(context, is_full=True), timeout_s=0.5)).found


def test_the_real_worker_passes_its_self_test(context):
    found = only(sample_job.sample_job(replace(context, is_full=True, own_python=Path(sys.executable))))
    assert found.state == GOOD and "faces" in found.found


def test_a_look_that_breaks_off_says_so_and_stops_no_other(context):
    def odd(context):
        raise ZeroDivisionError("odd")
        yield

    found = list(run_checks(context, (odd, *CHECKS[:2])))
    assert found[0].state == BAD and "ZeroDivisionError" in found[0].found and len(found) == 3


def test_a_finding_survives_its_way_as_json(context):
    found = only(blenders.blender_version(context))
    assert parse_finding(found.to_json()) == found
    assert parse_finding("half a li") is None
