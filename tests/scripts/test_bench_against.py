# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison of a small model with that of another checkout."""

import sys
from pathlib import Path

import pytest

from scripts.bench import against


def test_checkouts_take_turns_and_ratios_are_those_within_a_round(monkeypatch, capsys, tmp_path):
    order, loads = [], iter([1, 1, 5, 5])

    def times_of(checkout, repeats, model):
        assert (repeats, model) == (2, "mini/point-e")
        order.append(checkout)
        return {"draft": (4 if checkout == tmp_path else 1) * next(loads)}

    monkeypatch.setattr(against, "times_of", times_of)
    monkeypatch.setattr(
        sys, "argv", ["against.py", str(tmp_path), "--model", "mini/point-e", "--rounds", "2", "--repeats", "2"]
    )
    against.main()
    assert order == [tmp_path, against.REPOSITORY, against.REPOSITORY, tmp_path]
    assert "| draft | 12.00 | 3.00 | 0.25 (0.25 to 0.25) |" in capsys.readouterr().out


@pytest.mark.parametrize("model", ["mini/shap-e", "mini/point-e"])
def test_this_checkout_runs_it(model):
    times = against.times_of(Path(against.REPOSITORY), 1, model)
    names = [f"{name}{faces}" for name in ("standard, 128", "draft, 64") for faces in ("", ", all faces")]
    assert list(times) == ["cold start to the first mesh", *names]
    assert all(seconds > 0 for seconds in times.values())
