# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as JSON lines: round trips, and unknown or invalid lines skipped."""

import json
import os
import platform
import time

import pytest

from blender_text3d.protocol import events as e

EVERY_KIND = [
    e.Queued(),
    e.Started(
        pid=1, host="h", device="cpu", device_name="A CPU", engine_version="0", torch_version="2", weights_sha256="ab"
    ),
    e.Notice(message="“wooden” is not a word it knows 🪑"),
    e.Made(elapsed_s=2.5, files={"mesh": "mesh.npz"}, vertices=4, faces=2, points=0),
    e.Progress(stage="sample", index=3, total=20, elapsed_s=1.5, eta_s=None, memory_mb=512.0, sigma=0.5, preview=True),
    e.ViewChosen(view="view_2.png", total=4, score=0.25, scored_by="CLIP"),
    e.Finished(elapsed_s=2.0, files={"mesh": "mesh.npz"}, vertices=3, faces=1),
    e.Cancelled(stage="sample", index=3),
    e.Failed(message="m", reason="internal", fix="f"),
]


@pytest.mark.parametrize("event", EVERY_KIND, ids=lambda event: event.kind)
def test_an_event_is_equal_after_a_round_trip(event):
    line = event.to_json()
    assert "\n" not in line
    assert line.isascii()
    assert e.event_from_json(line) == event


def test_every_kind_of_event_is_tested_above():
    assert {event.kind for event in EVERY_KIND} == e.KINDS.keys()


@pytest.mark.parametrize(
    "line", ["", "{", '{"kind": "step', "7", "null", '{"kind": "sang"}', '{"kind": []}', '{"kind": "failed"}']
)
def test_a_line_that_is_not_an_event_gives_none(line):
    assert e.event_from_json(line) is None


def test_fields_of_newer_versions_are_ignored():
    line = json.dumps({"kind": "notice", "time": 1.0, "message": "m", "mood": "good"})
    assert e.event_from_json(line) == e.Notice(time=1.0, message="m")


@pytest.mark.parametrize(
    "line",
    [
        "[" * 100_000,
        '{"kind": ["stepped"]}',
        '{"kind": "stepped", "stage": "sample", "index": "1", "of": 2}',
        '{"kind": "stepped", "stage": "sample", "index": true, "of": 2}',
        '{"kind": "stepped", "stage": "sample", "index": 1, "of": 2, "eta_s": NaN}',
        '{"kind": "stepped", "stage": "sample", "index": 1, "of": 2, "elapsed_s": 1e999}',
        '{"kind": "stepped", "stage": null, "index": 1, "of": 2}',
        f'{{"kind": "stepped", "stage": "sample", "index": {10**400}, "of": 2}}',
        '{"kind": "finished", "elapsed_s": 1.0, "files": {"mesh": 5}}',
        '{"kind": "finished", "elapsed_s": 1.0, "files": ["mesh.npz"]}',
    ],
    ids=range(10),
)
def test_a_line_with_values_of_other_types_is_not_an_event(line):
    assert e.event_from_json(line) is None


STEP = {"kind": "stepped", "time": 1.0, "stage": "sample", "index": 1, "of": 2}


def read(**changes: object) -> e.Event | None:
    return e.event_from_json(json.dumps(STEP | changes))


def test_the_kinds_have_the_names_of_version_0_1_made_and_view():
    kinds = {"queued": e.Queued, "started": e.Started, "notice": e.Notice, "stepped": e.Progress}
    kinds |= {"finished": e.Finished, "cancelled": e.Cancelled, "failed": e.Failed}
    assert kinds | {"made": e.Made, "view": e.ViewChosen} == e.KINDS
    assert {kind.kind for kind in e.TERMINAL} == {"finished", "cancelled", "failed"}


def test_a_line_begins_with_its_kind_and_has_the_stored_names():
    event = e.Progress(time=1.0, stage="sample", index=1, total=2)
    assert event.to_json().startswith('{"kind": "stepped", ')
    assert json.loads(event.to_json()) == STEP | {
        "elapsed_s": 0.0,
        "eta_s": None,
        "memory_mb": 0.0,
        "sigma": None,
        "preview": False,
    }


def test_a_submission_records_its_process_its_host_and_its_time():
    before = time.time()
    event = e.Queued()
    assert before <= event.time <= time.time()
    assert event == e.Queued(
        time=event.time, pid=os.getpid(), host=platform.node(), machine="", started="", is_for_blender=True
    )


def test_a_line_of_an_older_version_has_the_defaults_of_what_it_lacks():
    assert read() == e.Progress(
        time=1.0, stage="sample", index=1, total=2, elapsed_s=0.0, eta_s=None, memory_mb=0.0, sigma=None, preview=False
    )
    finished = e.event_from_json('{"kind": "finished", "time": 1.0, "elapsed_s": 2.0, "files": {}}')
    assert finished == e.Finished(time=1.0, elapsed_s=2.0, files={}, vertices=0, faces=0, points=0)
    queued = e.event_from_json('{"kind": "queued", "time": 1.0, "pid": 5, "host": "h"}')
    assert queued == e.Queued(time=1.0, pid=5, host="h", machine="", started="", is_for_blender=True)


@pytest.mark.parametrize("missing", ["stage", "index", "of"])
def test_a_line_without_a_required_value_is_not_an_event(missing):
    assert e.event_from_json(json.dumps({name: value for name, value in STEP.items() if name != missing})) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"index": 0},
        {"index": 2**53},
        {"index": -(2**53)},
        {"elapsed_s": 3},
        {"elapsed_s": 2**53},
        {"elapsed_s": -1.5},
        {"eta_s": 2},
        {"eta_s": None},
        {"sigma": None},
        {"sigma": 0.5},
        {"preview": True},
        {"stage": ""},
    ],
    ids=str,
)
def test_values_of_the_right_type_and_size_are_read_unchanged(changes):
    ((name, value),) = changes.items()
    assert getattr(read(**changes), name) == value


@pytest.mark.parametrize(
    "changes",
    [
        {"index": 2**53 + 1},
        {"index": -(2**53) - 1},
        {"index": 1.0},
        {"index": None},
        {"elapsed_s": 2**53 + 1},
        {"elapsed_s": 1e17},
        {"elapsed_s": True},
        {"elapsed_s": None},
        {"elapsed_s": "1"},
        {"eta_s": False},
        {"eta_s": "1"},
        {"time": None},
        {"preview": 1},
        {"preview": None},
        {"stage": 5},
    ],
    ids=str,
)
def test_a_value_of_another_type_or_beyond_exact_numbers_makes_the_line_invalid(changes):
    assert read(**changes) is None


def test_a_line_may_use_the_name_in_the_code_for_the_number_of_steps():
    values = {name: value for name, value in STEP.items() if name != "of"} | {"total": 2}
    assert e.event_from_json(json.dumps(values)) == read()
