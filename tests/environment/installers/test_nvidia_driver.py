# SPDX-License-Identifier: GPL-3.0-or-later
"""What NVIDIA's driver tells, and which cards need the older CUDA."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from blender_text3d.environment.installers import nvidia_driver
from blender_text3d.environment.installers.nvidia_driver import Card, needs_older_cuda, parse_cards, query_driver


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("8.6, 580.65.06\n", [Card(8.6, 580)]),
        ("12.0, 590.11\n6.1, 590.11", [Card(12.0, 590), Card(6.1, 590)]),
        ("  8.6 ,  535.1", [Card(8.6, 535)]),
        ("8.6", None),
        ("[N/A], 580.65.06\n8.6, 580.65.06", [Card(8.6, 580)]),
        ("GPU 8.6, 580.65.06", None),
        ("", None),
        ("NVIDIA-SMI has failed", None),
        ('Field "compute_cap" is not a valid field to query.', [Card(0.0, 0)]),
    ],
)
def test_each_line_with_two_numbers_is_a_card(text, cards):
    assert parse_cards(text) == cards


@pytest.mark.parametrize(
    ("cards", "needs"),
    [
        (None, False),
        ([], False),
        ([Card(7.5, 580)], False),
        ([Card(7.4, 580)], True),
        ([Card(7.5, 579)], True),
        ([Card(9.9, 579)], True),
        ([Card(10.0, 579)], False),
        ([Card(10.0, 600)], False),
        ([Card(0.0, 0)], True),
        ([Card(6.1, 580), Card(8.6, 580)], False),
        ([Card(8.6, 580), Card(6.1, 580)], False),
        ([Card(6.1, 570), Card(5.2, 570)], True),
    ],
)
def test_the_best_card_decides_and_the_limits_are_those_of_cuda_13(cards, needs):
    assert needs_older_cuda(cards) is needs


def test_the_driver_is_asked_once_with_a_time_limit_and_without_input(monkeypatch):
    def run(command, **options):
        assert command == ("nvidia-smi", "--query-gpu=compute_cap,driver_version", "--format=csv,noheader")
        assert options["timeout"] == 20
        assert options["stdin"] == subprocess.DEVNULL
        assert options["env"]["PYTHONUTF8"] == "1"
        return SimpleNamespace(stdout="8.6, 580.1\n", returncode=0)

    monkeypatch.setattr(nvidia_driver.subprocess, "run", run)
    assert query_driver() == [Card(8.6, 580)]


def test_bytes_that_are_no_text_in_the_answer_do_no_harm(monkeypatch):
    print_bytes = "import sys; sys.stdout.buffer.write(bytes([255, 10]) + b'8.6, 580.1')"
    monkeypatch.setattr(nvidia_driver, "QUERY", (sys.executable, "-c", print_bytes))
    assert query_driver() == [Card(8.6, 580)]


@pytest.mark.parametrize("error", [FileNotFoundError(2, "gone"), subprocess.TimeoutExpired("nvidia-smi", 20)])
def test_a_driver_without_an_answer_is_unknown(error, monkeypatch):
    def run(command, **options):
        raise error

    monkeypatch.setattr(nvidia_driver.subprocess, "run", run)
    assert query_driver() is None
