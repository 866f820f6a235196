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
    """A machine without faults in its files, whose worker's Python prints FACTS."""
    data = tmp_path / "data"
    context = Context(data_dir=data, jobs_dir=data / "jobs", env_dir=data / "worker-env")
    worker_python(context.env_dir).parent.mkdir(parents=True)
    write_program(worker_python(context.env_dir), f"print({json.dumps(FACTS)!r})")
    write_manifest(context.env_dir, Manifest("ready", WORKER.sha256, sys.executable))
    return context


def write_program(program: Path, script: str) -> None:
    """Write a program that replaces a Python and runs a script, whatever its arguments."""
    program.with_suffix(".script").write_text(script, encoding="utf-8")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}.script"\n', encoding="utf-8")
    program.chmod(0o755)


def states(findings) -> dict[str, str]:
    return {finding.check: finding.state for finding in findings}


def only(findings):
    (finding,) = findings
    assert finding.state == GOOD or finding.fix
    return finding


def test_a_machine_without_faults_has_no_problems(context):
    found = list(
        run_checks(replace(context, blender={"version": "5.2.0", "online_access": False, "user_folder": "/none"}))
    )
    assert {finding.state for finding in found} == {GOOD}, [finding.line() for finding in found]
    assert {"blender", "environment", "device", "rerun", "shipped", "jobs", "online", "clock"} <= set(states(found))


def test_a_blender_that_is_too_old_is_bad(context):
    assert only(blenders.blender_version(replace(context, blender={"version": "4.1.1"}))).state == BAD
    assert only(blenders.blender_version(replace(context, blender={"version": "10.0"}))).state == GOOD


def test_the_version_of_the_blender_on_path_is_read(context, tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    write_program(tmp_path / "bin/blender", 'print("Blender 3.6.2\\n\\tbuild date: then")')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin:/usr/bin")
    assert "3.6.2" in only(blenders.blender_version(context)).found
    (tmp_path / "bin/blender").write_text("no program")
    assert only(blenders.blender_version(context)).state == GOOD


def test_a_missing_environment_is_bad_and_set_up_fixes_it(context):
    shutil.rmtree(context.env_dir)
    found = only(environment.environment(context))
    assert (found.state, found.button) == (BAD, "setup")
    assert "Setup has not been run" in found.found


def test_an_incomplete_environment_is_bad(context):
    write_manifest(context.env_dir, Manifest("making", WORKER.sha256, sys.executable))
    assert "is incomplete" in only(environment.environment(context)).found
    with hold_lock(context.env_dir):
        assert only(environment.environment(context)).button == ""  # a second maker would be refused


def test_a_folder_with_other_files_needs_another_folder(context):
    (context.env_dir / FILE_NAME).unlink()
    assert only(environment.environment(context)).button == "preferences"


def test_an_environment_of_another_version_is_bad(context):
    write_manifest(context.env_dir, Manifest("ready", "other packages", sys.executable))
    assert "another version" in only(environment.environment(context)).found


def test_an_environment_whose_python_was_removed_is_bad(context):
    worker_python(context.env_dir).unlink()
    assert "no longer exists" in only(environment.environment(context)).found


def test_a_missing_python_override_is_bad(context, tmp_path):
    assert only(environment.environment(replace(context, own_python=tmp_path / "nowhere"))).button == "preferences"
    assert only(environment.environment(replace(context, own_python=Path(sys.executable)))).state == GOOD


def test_a_lock_is_bad_if_its_holder_has_no_output(context):
    with hold_lock(context.env_dir) as is_alone:
        assert is_alone
        assert only(environment.lock(context)).state == WARN
        for file in [context.env_dir]:
            os.utime(file, (1, 1))
        assert only(environment.lock(context)).state == BAD
        assert list(environment.lock(replace(context, own_python=context.python))) == []
    assert only(environment.lock(context)).state == GOOD


def test_a_python_that_does_not_respond_is_bad(context):
    write_program(context.python, "import time; time.sleep(3600)")
    assert "did not respond" in only(packages.packages(context, timeout_s=0.5)).found


@pytest.mark.parametrize("script", ["import sys; sys.exit('a broken Python')", "print('')", "print('{')"])
def test_a_python_that_crashes_is_bad(context, script):
    write_program(context.python, script)
    assert only(packages.packages(context)).state == BAD


def test_a_python_that_cannot_be_run_is_bad(context):
    context.python.write_bytes(b"\x7fELF no program")
    assert "cannot be started" in only(packages.packages(context)).found


def test_a_real_python_without_the_packages_is_bad_and_names_them(context, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    found = {
        finding.check: finding
        for finding in packages.packages(replace(context, own_python=tmp_path / "bare/bin/python"))
    }
    assert found["packages"].state == BAD
    assert found["packages"].button == "preferences"
    assert "torch does not work (ModuleNotFoundError" in found["packages"].found


def test_broken_packages_are_fixed_by_repair(context):
    write_program(context.python, f"print({json.dumps(FACTS | {'broken': {'torch': 'gone'}})!r})")
    found = {finding.check: finding for finding in packages.packages(context)}
    assert (found["packages"].state, found["packages"].button) == (BAD, "repair")
    assert "environment repair" in found["packages"].fix


def test_another_version_of_rerun_is_reported_without_offering_repair(context):
    write_program(context.python, f"print({json.dumps(FACTS | {'rerun': '0.4.1'})!r})")
    found = {finding.check: finding for finding in packages.packages(context)}
    assert (found["rerun"].state, found["rerun"].button) == (WARN, "renew")


def test_an_unsupported_python_is_reported(context):
    write_program(context.python, f"print({json.dumps(FACTS | {'python': '3.9.1'})!r})")
    assert states(packages.packages(context))["worker_python"] == WARN


@pytest.fixture
def machine_with(tmp_path):
    """A function that creates a file system root with these graphics cards, with or without their driver."""

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
    ("facts", "vendors", "has_driver", "state", "text"),
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
def test_the_pytorch_build_is_compared_with_the_card(context, machine_with, facts, vendors, has_driver, state, text):
    found = only([device.device(context, facts, machine_with(*vendors, has_driver=has_driver))])
    assert found.state == state
    assert text in found.found


@pytest.mark.parametrize(
    ("facts", "vendor", "chosen", "button", "text"),
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
def test_the_button_for_another_build_depends_on_the_chosen_one(
    context, machine_with, facts, vendor, chosen, button, text
):
    asking = replace(context, blender={"torch": chosen} if chosen else {})
    found = device.device(asking, facts, machine_with(vendor, has_driver=True))
    assert (found.state, found.button) == (WARN, button)
    assert text in found.fix


def test_set_up_is_not_offered_for_a_python_override(context, machine_with):
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


def test_an_old_card_or_driver_is_reported_with_a_suitable_build(context, machine_with, monkeypatch):
    facts, root = CUDA | {"why": "no kernel image is available"}, machine_with("0x10de", has_driver=True)
    monkeypatch.setattr(device, "query_driver", lambda: [Card(6.1, 580)])
    found = only([device.device(context, facts, root)])
    assert found.state == WARN
    assert "too old for CUDA 13.0 (no kernel image is available)" in found.found
    assert "NVIDIA CUDA 12.6" in found.fix
    assert device.device(replace(context, blender={"torch": "auto"}), facts, root).button == "renew"
    monkeypatch.setattr(device, "query_driver", lambda: [Card(8.6, 580)])
    assert "too old" not in device.device(context, facts, root).found


@pytest.fixture
def small_models(tmp_path):
    """A copy of the included models' weights."""
    for name in models.SHIPPED_NAMES:
        shutil.copy(models.SHIPPED / f"{name}.safetensors", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("break_file", "text"),
    [
        (lambda file: os.truncate(file, file.stat().st_size - 1), "bytes instead of"),
        (lambda file: file.write_text("version https://git-lfs.github.com/spec/v1\noid 1"), "not a weights file"),
        (lambda file: file.write_bytes(b""), "not a weights file"),
        (lambda file: file.unlink(), "cannot be read"),
    ],
)
def test_an_incomplete_included_model_is_bad(context, small_models, break_file, text):
    assert only(models.shipped(context, small_models)).state == GOOD
    break_file(small_models / "words.safetensors")
    found = only(models.shipped(context, small_models))
    assert found.state == BAD
    assert text in found.found


def test_corrupt_or_unverified_official_files_are_reported(context, tmp_path, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", str(tmp_path / "weights"))
    assert "none downloaded" in only(models.official(context)).found
    place_one(tmp_path / "weights")
    found = only(models.official(context))
    assert found.state == WARN
    assert "not verified" in found.found
    damaged = only(models.official(replace(context, is_full=True)))
    assert damaged.state == BAD
    assert "download shap-e/decoder again" in damaged.found
    assert "quarantined as corrupt" in only(models.official(context)).found


def place_one(weights: Path) -> None:
    """Write a file without weights in place of a checkpoint."""
    from blender_text3d.engine.weights.catalogue import CHECKPOINTS

    file = weights / CHECKPOINTS["shap-e/decoder"].variants[0].path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"an error page")


def test_a_partial_download_is_reported(context, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "run_weights_command", lambda *_: [listed_file(file="", received_bytes=5)])
    found = list(models.official(context))
    assert [finding.check for finding in found] == ["official", "official_half"]
    assert found[1].state == WARN


def listed_file(**changes) -> dict:
    return {"name": "a/b", "folder": "/nowhere", "sha256": "", "received_bytes": 0, "file": ""} | changes


def test_a_full_disk_is_bad(context):
    assert only(disk.free_space(context, needed_gb=1e9)).state == BAD
    assert only(disk.free_space(context)).wanted == "1 GB"
    shutil.rmtree(context.env_dir)
    assert only(disk.free_space(context)).wanted == f"{WORKER.needed_gb:.0f} GB"


def test_an_unwritable_jobs_folder_is_bad_and_the_check_leaves_no_files(context):
    assert only(disk.jobs_folder(context)).state == GOOD
    assert not context.jobs_dir.exists()
    context.jobs_dir.write_text("a file in the way")
    found = only(disk.jobs_folder(context))
    assert (found.state, found.button) == (BAD, "preferences")


@pytest.mark.parametrize(
    ("kind", "state", "text"),
    [("ext4", GOOD, "ext4"), ("tmpfs", WARN, "in memory"), ("nfs4", WARN, "over a network")],
)
def test_a_jobs_folder_in_memory_or_on_a_network_is_reported(context, tmp_path, kind, state, text):
    mounts = f"root / ext4 rw 0 0\nother {tmp_path} {kind} rw 0 0\n"
    found = only(disk.real_disk(context, mounts))
    assert found.state == state
    assert text in found.found


def test_an_unreadable_folder_crashes_no_check(context, monkeypatch):
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


def test_the_mounts_of_this_machine_can_be_read(context):
    assert only(disk.real_disk(context)).found


def test_a_synchronized_jobs_folder_is_reported(context, tmp_path):
    synced = tmp_path / "OneDrive - Studio" / "jobs"
    synced.mkdir(parents=True)
    assert "onedrive" in only(disk.real_disk(replace(context, jobs_dir=synced))).found


def test_invalid_certificates_and_proxies_are_bad_and_no_value_is_printed(context, tmp_path):
    good = {"HTTPS_PROXY": "http://me:secret@proxy:8080", "SSL_CERT_FILE": str(tmp_path)}
    found = only(network.proxies(context, good))
    assert found.state == GOOD
    assert found.found == "set: HTTPS_PROXY, SSL_CERT_FILE"
    for wrong in (
        {"SSL_CERT_FILE": str(tmp_path / "gone.pem")},
        {"http_proxy": "http://"},
        {"ALL_PROXY": "http://[::"},
    ):
        found = only(network.proxies(context, good | wrong))
        assert found.state == BAD
        assert "secret" not in found.line()
        assert "gone.pem" not in found.line()


def test_online_access_is_bad_only_if_a_download_is_required(context):
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


def test_an_unreachable_viewer_is_reported_and_an_invalid_url_is_bad(context):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        address = f"rerun+http://127.0.0.1:{port}/proxy"
        assert only(network.viewer_port(replace(context, viewer=address))).state == WARN
        listener.listen()
        assert only(network.viewer_port(replace(context, viewer=address))).state == GOOD
    for wrong in ("localhost:9876", "rerun+http://", "rerun+http://a:b:c", "rerun+http://a:1\\@localhost:2/proxy"):
        assert only(network.viewer_port(replace(context, viewer=wrong))).state == BAD
    assert (
        "not checked" in only(network.viewer_port(replace(context, viewer="rerun+http://elsewhere:9876/proxy"))).found
    )


def test_a_machine_without_loopback_is_reported(context, monkeypatch):
    monkeypatch.setattr(network, "LOOPBACK", "203.0.113.1")  # an address that is no machine's
    assert only(network.viewer_port(context)).state == WARN


def test_a_clock_before_the_installation_is_bad(context):
    assert only(clock_and_paths.clock(context)).state == GOOD
    assert only(clock_and_paths.clock(context, now_s=time.time() - 4000 * 86_400)).state == BAD


@pytest.mark.parametrize("skew_s", [3600, -3600])
def test_a_disk_with_another_time_is_reported(context, monkeypatch, skew_s):
    monkeypatch.setattr(clock_and_paths, "write_time", lambda folder: time.time() + skew_s)
    assert only(clock_and_paths.clock(context)).state == WARN


def test_long_paths_are_bad_only_on_windows(context, tmp_path):
    deep = replace(context, env_dir=tmp_path / ("long" * 25) / "worker-env")
    assert only(clock_and_paths.long_paths(deep, True, False)).state == BAD
    assert only(clock_and_paths.long_paths(deep, True, True)).state == GOOD
    assert list(clock_and_paths.long_paths(deep)) == []


@pytest.fixture
def blender_folder(tmp_path, monkeypatch):
    """A function that installs an outline of the add-on in a Blender's user folder."""
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


def test_one_copy_in_each_blender_is_good(context, blender_folder):
    blender_folder("4.2/extensions/user_default/blender_text3d")
    blender_folder("5.2/extensions/user_default/blender_text3d")
    assert only(blenders.copies(context)).found == "2 installed"


@pytest.mark.parametrize("other", ["extensions/other/blender_text3d", "scripts/addons/blender_text3d"])
def test_two_copies_in_one_blender_are_bad(context, blender_folder, other):
    blender_folder("5.2/extensions/user_default/blender_text3d")
    blender_folder(f"5.2/{other}")
    found = only(blenders.copies(context))
    assert found.state == BAD
    assert "Blender 5.2" in found.found


def test_a_copy_in_an_outer_folder_is_found(context, blender_folder, tmp_path):
    blender_folder("4.2/scripts/addons/main/blender_text3d")
    blender_folder("4.2/extensions/user_default/blender_text3d")
    running = replace(context, blender={"user_folder": str(tmp_path / "blender/4.2")})
    assert only(blenders.copies(running)).state == BAD


def test_copies_of_different_versions_are_reported(context, blender_folder):
    blender_folder("4.2/extensions/user_default/blender_text3d", "0.1.0")
    blender_folder("5.2/extensions/user_default/blender_text3d", "0.2.0")
    assert only(blenders.copies(context)).state == WARN


def test_a_worker_without_a_result_fails_the_sample_job(context):
    write_program(context.python, "import sys; sys.exit('no engine here')")
    found = only(sample_job.sample_job(replace(context, is_full=True), timeout_s=600))
    assert found.state == BAD
    assert "no engine here" in found.found
    assert found.button == "repair"
    assert list(sample_job.sample_job(context)) == []


def test_a_full_disk_in_the_sample_job_offers_to_free_space(context, monkeypatch):
    end = Failed(message="The disk is full.", reason="disk_full", fix="Free some space.")
    monkeypatch.setattr(sample_job, "run_sample_job", lambda python, within_s: ([end], ""))
    found = only(sample_job.sample_job(replace(context, is_full=True)))
    assert (found.button, found.fix) == ("jobs", "Free some space.")


def test_a_hanging_worker_is_stopped(context):
    write_program(context.python, "import time; time.sleep(60)")
    assert "stopped after" in only(sample_job.sample_job(replace(context, is_full=True), timeout_s=0.5)).found


@pytest.mark.slow
def test_the_real_worker_passes_the_sample_job(context):
    found = only(sample_job.sample_job(replace(context, is_full=True, own_python=Path(sys.executable))))
    assert found.state == GOOD
    assert "faces" in found.found


def test_a_crashing_check_is_reported_and_stops_no_other(context):
    def odd(context):
        raise ZeroDivisionError("odd")
        yield

    found = list(run_checks(context, (odd, *CHECKS[:2])))
    assert found[0].state == BAD
    assert "ZeroDivisionError" in found[0].found
    assert len(found) == 3


def test_a_finding_is_the_same_after_json(context):
    found = only(blenders.blender_version(context))
    assert parse_finding(found.to_json()) == found
    assert parse_finding("half a li") is None
