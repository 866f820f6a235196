# SPDX-License-Identifier: GPL-3.0-or-later
"""Claims: owned by one process, which is known by its ID, its machine and its start token."""

import json
import os
from dataclasses import asdict, replace

import pytest

from blender_text3d.protocol.claim import INCOMPLETE_CLAIM, Claim, read_claim, write_claim


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
    assert not replace(claim, started=f"{claim.started}0").is_own_process()


def test_a_claim_with_this_pid_of_another_machine_is_not_own(claim):
    assert not replace(claim, machine="another", host="another").is_own_process()


def test_a_claim_of_another_process_is_not_own(claim):
    assert not replace(claim, pid=os.getppid()).is_own_process()


def test_a_claim_of_an_older_version_without_a_start_token_is_known_by_its_pid(claim):
    assert replace(claim, started="").is_own_process()


def test_a_claim_without_a_parent_as_of_the_first_process_of_a_container_is_complete(claim, tmp_path):
    (tmp_path / "claim.json").write_text(json.dumps(asdict(claim) | {"parent": 0}))
    assert read_claim(tmp_path / "claim.json") == replace(claim, parent=0)


def test_a_second_claim_is_refused_and_the_first_one_stays(claim, tmp_path):
    assert not write_claim(tmp_path / "claim.json")
    assert read_claim(tmp_path / "claim.json") == claim


@pytest.mark.parametrize("change", [{"pid": -1}, {"pid": 2**31}, {"pid": True}, {"host": 5}, {"started": None}])
def test_a_claim_with_invalid_values_counts_as_incomplete(claim, tmp_path, change):
    (tmp_path / "claim.json").write_text(json.dumps(asdict(claim) | change))
    assert read_claim(tmp_path / "claim.json") == INCOMPLETE_CLAIM
