# SPDX-License-Identifier: GPL-3.0-or-later
"""Events as JSON lines: round trips, and unknown or invalid lines skipped."""

import json

import pytest

from blender_text3d.protocol import events as e

EVERY_KIND = [
    e.Queued(),
    e.Started(
        pid=1, host="h", device="cpu", device_name="A CPU", engine_version="0", torch_version="2", weights_sha256="ab"
    ),
    e.Notice(message="“wooden” is not a word it knows 🪑"),
    e.Progress(stage="sample", index=3, total=20, elapsed_s=1.5, eta_s=None, memory_mb=512.0, sigma=0.5, preview=True),
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
