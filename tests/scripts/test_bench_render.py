# SPDX-License-Identifier: GPL-3.0-or-later
from scripts.bench import render


def test_shared_work_is_measured_separately_from_a_view(monkeypatch):
    ticks = iter([10.0, 13.0, 20.0, 20.5])
    monkeypatch.setattr(render.time, "process_time", lambda: next(ticks))
    monkeypatch.setattr(render, "view_renderer", lambda *arguments: lambda cameras, index: None)
    assert render.times_s(None, None, render.STFSettings()) == {"shared": 3.0, "view": 0.5}


def test_every_mode_has_the_median_of_its_runs():
    runs = {"stf": [{"shared": s, "view": v} for s, v in ((1, 5), (3, 4), (2, 9))]}
    rows = {row["what"]: row["value"] for row in render.view_rows(runs)}
    assert rows == {"views, stf: shared by all views": 2, "views, stf: one of 64 x 64": 5}


def test_the_return_value_of_a_generator_is_kept():
    def steps():
        yield 1
        return "latent"

    kept = render.ResultKeeper(steps())
    assert list(kept) == [1]
    assert kept.result == "latent"
