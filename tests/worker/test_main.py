# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's exit codes, with its loop replaced."""

import errno
import io
from pathlib import Path

import pytest

import blender_text3d.worker.__main__ as worker
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.commands import Offer

TWO_OFFERS = '{"do": "a"}\n{"do": "b"}\n'


@pytest.fixture
def ran(monkeypatch):
    """Replace stdin by two offers, and running one by recording it; `state` actions can be added by the test."""
    offers, actions = [], []

    def run_offer(offer, state):
        offers.append(offer)
        for action in actions:
            action(state)

    monkeypatch.setattr(worker, "private_stdin", lambda: io.StringIO(TWO_OFFERS))
    monkeypatch.setattr(worker, "run_offer", run_offer)
    monkeypatch.setenv("BLENDER_TEXT3D_IDLE_S", "0")
    return offers, actions


def raising(error):
    def action(state):
        raise error

    return action


def test_all_offers_are_run_in_order_with_one_state_and_the_end_of_stdin_is_success(ran):
    offers, actions = ran
    states = []
    actions.append(states.append)
    assert worker.main() == 0
    assert offers == [Offer((JobFolder(Path(name)),)) for name in ("a", "b")]
    assert states[0] is states[1]


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, 81), (errno.EDQUOT, 81), (errno.EFBIG, 81), (errno.EACCES, 82), (errno.EROFS, 82),
     (errno.EPERM, 82), (errno.ENOENT, 83), (errno.ENOTDIR, 83), (errno.EIO, 83), (None, 83)],
)  # fmt: skip
def test_a_folder_that_cannot_be_written_ends_the_worker_with_its_reason_as_code(ran, capsys, number, code):
    offers, actions = ran
    actions.append(raising(OSError(number, "refused") if number else OSError("odd")))
    assert worker.main() == code
    assert len(offers) == 1
    assert "Traceback" in capsys.readouterr().err


def test_after_a_failure_that_may_leave_it_unusable_the_worker_exits(ran):
    offers, actions = ran
    actions.append(lambda state: setattr(state, "must_restart", True))
    assert worker.main() == 84
    assert len(offers) == 1


def test_a_worker_without_a_command_in_time_exits_with_the_idle_code(ran, monkeypatch):
    monkeypatch.setattr(worker.LineReader, "_next", lambda lines: setattr(lines, "timed_out", True) or "")
    assert worker.main() == 85


def test_another_error_is_raised(ran):
    ran[1].append(raising(MemoryError()))
    with pytest.raises(MemoryError):
        worker.main()


@pytest.mark.parametrize(("code", "exits"), [(0, []), (84, [84])])
def test_only_a_success_ends_the_process_normally(monkeypatch, code, exits):
    seen = []
    monkeypatch.setattr(worker, "main", lambda engine: code)
    monkeypatch.setattr(worker.os, "_exit", seen.append)
    worker.run()
    assert seen == exits
