# SPDX-License-Identifier: GPL-3.0-or-later
"""A small round of the faults that hit batches, and the checks that must be able to fail."""

import json
import random
import shutil

import pytest

from scripts.fault_injection.fault import InvariantViolated
from scripts.fault_injection.many.invariants import checked
from scripts.fault_injection.many.lists import write_list
from scripts.fault_injection.many.local_runs import LocalRuns

OBJECTS, POISON, FAULTS = 40, 1, 3


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder that two batch commands filled while they were killed, and its list."""
    folder = tmp_path_factory.mktemp("many")
    listed = write_list(folder, OBJECTS, POISON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LocalRuns, "waits_s", (0.1, 0.5))
        runs = LocalRuns(folder, folder, listed, random.Random(1))
    with runs:
        runs.make_all(FAULTS)
        again = runs.made_again()
    return folder / "out", listed, again


@pytest.mark.slow
def test_each_object_is_there_once_after_kills(made):
    out, listed, again = made
    found = checked(out, listed.wanted, listed.poison)
    assert (found.made, found.failed, again) == (OBJECTS, POISON, 0)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["lost", "bytes", "reason", "row", "unwanted"])
def test_the_checks_can_fail(made, tmp_path, damage):
    out, listed, _ = made
    copy = shutil.copytree(out, tmp_path / "out")
    folder = next(path for path in (copy / "objects").iterdir())
    wanted = listed.wanted - {folder.name} if damage == "unwanted" else listed.wanted
    if damage in ("lost", "row"):
        shutil.rmtree(folder)
    if damage == "row":
        wanted = wanted - {folder.name}
    if damage == "bytes":
        (folder / f"{folder.name}.glb").write_bytes(b"half")
    if damage == "reason":
        lines = [json.loads(line) for line in (copy / "failed.jsonl").read_text().splitlines()]
        (copy / "failed.jsonl").write_text("".join(f"{json.dumps(line | {'reason': ''})}\n" for line in lines))
    with pytest.raises(InvariantViolated):
        checked(copy, wanted, listed.poison)
