# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims: owned by one process, which is known by its ID, its machine and its start token."""

import json
import os
import platform
import time

import pytest

from blender_text3d.protocol.claim import INCOMPLETE_CLAIM, MAX_BYTES, Claim, read_claim, write_claim
from blender_text3d.system.machine import machine_id
from blender_text3d.system.process import own_start_token


@pytest.fixture
def claim(tmp_path) -> Claim:
    """A claim of this process."""
    assert write_claim(tmp_path / "claim.json")
    found = read_claim(tmp_path / "claim.json")
    assert found
    return found


def test_a_claim_of_this_process_is_its_own(claim):
    assert claim.is_own_process()
    assert claim.is_on_this_machine()
    assert claim.started


def test_a_claim_with_this_pid_and_another_start_token_is_not_own(claim):
    assert not claim._replace(started=f"{claim.started}0").is_own_process()


def test_a_claim_with_this_pid_of_another_machine_is_not_own(claim):
    assert not claim._replace(machine="another", host="another").is_own_process()


def test_a_claim_of_another_process_is_not_own(claim):
    assert not claim._replace(pid=os.getppid()).is_own_process()


def test_a_claim_of_an_older_version_without_a_start_token_is_known_by_its_pid(claim):
    assert claim._replace(started="").is_own_process()


def test_a_claim_without_a_parent_as_of_the_first_process_of_a_container_is_complete(claim, tmp_path):
    (tmp_path / "claim.json").write_text(json.dumps(claim._asdict() | {"parent": 0}))
    assert read_claim(tmp_path / "claim.json") == claim._replace(parent=0)


def test_a_second_claim_is_refused_and_the_first_one_stays(claim, tmp_path):
    assert not write_claim(tmp_path / "claim.json")
    assert read_claim(tmp_path / "claim.json") == claim


@pytest.mark.parametrize(
    "change",
    [
        {"pid": -1},
        {"pid": 2**31},
        {"pid": True},
        {"pid": 5.0},
        {"pid": "5"},
        {"parent": -1},
        {"parent": 2**31},
        {"parent": None},
        {"host": 5},
        {"machine": ["m"]},
        {"started": None},
    ],
)
def test_a_claim_with_invalid_values_counts_as_incomplete(claim, tmp_path, change):
    (tmp_path / "claim.json").write_text(json.dumps(claim._asdict() | change))
    assert read_claim(tmp_path / "claim.json") == INCOMPLETE_CLAIM


def test_a_claim_records_the_process_its_parent_and_its_machine(tmp_path):
    before = time.time()
    assert write_claim(tmp_path / "claim.json") is True
    values = json.loads((tmp_path / "claim.json").read_text())
    assert before <= values.pop("time") <= time.time()
    assert values == {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "host": platform.node(),
        "machine": machine_id(),
        "started": own_start_token(),
    }


@pytest.mark.parametrize("pid", [0, 1, 2**31 - 1])
def test_every_process_id_of_31_bits_is_valid(claim, tmp_path, pid):
    (tmp_path / "claim.json").write_text(json.dumps(claim._asdict() | {"pid": pid, "parent": pid}))
    assert read_claim(tmp_path / "claim.json") == claim._replace(pid=pid, parent=pid)


def test_a_claim_of_an_older_version_has_empty_values_for_what_it_lacks(tmp_path):
    (tmp_path / "claim.json").write_text('{"pid": 5}')
    assert read_claim(tmp_path / "claim.json") == Claim(pid=5, parent=0, host="", time=0.0, machine="", started="")


def test_values_of_newer_versions_are_ignored(claim, tmp_path):
    (tmp_path / "claim.json").write_text(json.dumps(claim._asdict() | {"mood": "good"}))
    assert read_claim(tmp_path / "claim.json") == claim


def test_there_is_no_claim_without_a_file(tmp_path):
    assert read_claim(tmp_path / "claim.json") is None


@pytest.mark.parametrize(
    "content", ["", '{"pid"', "[]", "5", "null", "{}", '{"parent": 5}', '{"pid": 5, "pid": 6}', b"\xff"]
)
def test_a_file_that_is_not_a_claim_is_an_incomplete_one(tmp_path, content):
    (tmp_path / "claim.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert read_claim(tmp_path / "claim.json") == INCOMPLETE_CLAIM == Claim(pid=0)


def test_a_folder_in_place_of_a_claim_is_an_incomplete_one(tmp_path):
    (tmp_path / "claim.json").mkdir()
    assert read_claim(tmp_path / "claim.json") == INCOMPLETE_CLAIM


@pytest.mark.parametrize(("extra_bytes", "is_read"), [(0, True), (1, False)])
def test_a_claim_of_more_than_64_kilobytes_is_not_read(claim, tmp_path, extra_bytes, is_read):
    assert MAX_BYTES == 65_536
    (tmp_path / "claim.json").write_text(json.dumps(claim._asdict()).ljust(MAX_BYTES + extra_bytes))
    assert read_claim(tmp_path / "claim.json") == (claim if is_read else INCOMPLETE_CLAIM)


def test_a_claim_without_a_machine_is_known_by_its_host_name(claim):
    assert claim._replace(machine="").is_own_process()
    assert not claim._replace(machine="", host="another").is_on_this_machine()
