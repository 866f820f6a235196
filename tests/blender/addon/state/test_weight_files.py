# SPDX-License-Identifier: GPL-3.0-or-later
"""Weight files and transfers as the panel shows them."""

import pytest

from blender_text3d.addon.state.weight_files import Transfer, WeightFile, format_bytes, parse_weight_file

LINE = {
    "name": "shap-e/decoder", "about": "Decoder", "bytes": 100, "received_bytes": 40, "folder": "/weights",
    "file": "/weights/decoder.pt", "needed_by": ["shap-e/text300M"], "licence": "MIT", "card": "https://card",
    "warning": "Be careful.",
}  # fmt: skip


def downloading(**lines):
    return {"stage": "download", "checkpoint": "a", "done_bytes": 10, "of_bytes": 100, "bytes_per_s": 5.0} | lines


def test_a_line_of_the_list_is_a_file():
    assert parse_weight_file(LINE) == WeightFile(
        "shap-e/decoder", "Decoder", 100, 40, "/weights", "/weights/decoder.pt", ("shap-e/text300M",), "MIT",
        "https://card", "Be careful.",
    )  # fmt: skip
    assert parse_weight_file(LINE | {"file": None}).path == ""


@pytest.mark.parametrize("name", LINE)
def test_a_line_without_one_of_its_keys_is_refused(name):
    with pytest.raises(KeyError):
        parse_weight_file({key: value for key, value in LINE.items() if key != name})


@pytest.mark.parametrize(
    ("total", "done", "share"),
    [({}, {}, 0.0), ({}, {"a": 5}, 0.0), ({"a": 60, "b": 40}, {"a": 20, "b": 5}, 0.25), ({"a": 4}, {"a": 5}, 1.0)],
)
def test_the_share_is_that_of_all_bytes(total, done, share):
    assert Transfer("Downloading", total_bytes=total, done_bytes=done).share == share


@pytest.mark.parametrize(
    ("total", "done", "rate", "left"),
    [
        ({"a": 60, "b": 40}, {"a": 20}, 4.0, 20.0), ({"a": 60}, {"a": 70}, 4.0, 0.0), ({"a": 60}, {}, 0.0, None),
        ({"a": 60}, {}, -1.0, None), ({}, {}, 4.0, None), ({"a": 60}, {}, 0.5, 120.0),
    ],
)  # fmt: skip
def test_the_time_left_is_that_of_the_bytes_left_at_this_rate(total, done, rate, left):
    assert Transfer("Downloading", total_bytes=total, done_bytes=done, bytes_per_s=rate).remaining_s == left


@pytest.mark.parametrize(
    ("failures", "refusals", "text"),
    [
        ([], [], ""),
        (["A failed.", "B failed.", "A failed."], [], "A failed. B failed."),
        (["A failed: no route."], ["no route."], "A failed: no route."),
        (["Last."], ["First refused."], "Last. First refused."),
    ],
)
def test_each_error_is_told_once(failures, refusals, text):
    assert Transfer("Downloading", failures=failures, refusals=refusals).error_text == text


def test_messages_are_collected_by_their_stage_and_leave_the_progress():
    transfer = Transfer("Downloading")
    transfer.update(downloading())
    for stage in ("failed", "refused", "notice"):
        transfer.update({"stage": stage, "message": f"{stage} it"})
    assert (transfer.failures, transfer.refusals, transfer.notices) == (["failed it"], ["refused it"], ["notice it"])
    assert (transfer.stage, transfer.name, transfer.bytes_per_s) == ("download", "a", 5.0)
    transfer.update({"stage": "failed"})
    assert transfer.failures == ["failed it", ""]


@pytest.mark.parametrize(
    ("stage", "rate", "done", "total"),
    [
        ("download", 5.0, 10, 100), ("copy", 5.0, 10, 100), ("connect", 0.0, None, None), ("verify", 0.0, None, None),
        ("done", 0.0, 10, 100),
    ],
)  # fmt: skip
def test_only_a_stage_that_moves_bytes_has_a_rate_and_checks_leave_the_sizes(stage, rate, done, total):
    transfer = Transfer("Downloading")
    transfer.update(downloading(stage=stage, message="Now."))
    assert (transfer.stage, transfer.name, transfer.message, transfer.bytes_per_s) == (stage, "a", "Now.", rate)
    assert (transfer.done_bytes.get("a"), transfer.total_bytes.get("a")) == (done, total)


def test_an_unknown_total_keeps_the_estimate_and_missing_values_count_as_zero():
    transfer = Transfer("Downloading", total_bytes={"a": 90})
    transfer.update(downloading(of_bytes=0))
    assert (transfer.total_bytes, transfer.done_bytes) == ({"a": 90}, {"a": 10})
    transfer.update({"stage": "download", "checkpoint": "a"})
    assert (transfer.bytes_per_s, transfer.done_bytes, transfer.message) == (0.0, {"a": 0}, "")
    transfer.update({"stage": "download", "done_bytes": 7})
    assert (transfer.name, transfer.done_bytes) == ("", {"a": 0})
    transfer.update({})
    assert transfer.stage == ""


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 kB"), (1_499, "1 kB"), (999_000, "999 kB"), (1e6, "1 MB"), (999e6, "999 MB"), (1e9, "1.00 GB"),
        (1_234e9, "1,234.00 GB"),
    ],
)  # fmt: skip
def test_sizes_are_in_decimal_units(count, text):
    assert format_bytes(count) == text
