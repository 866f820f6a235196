# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs and recordings belong to a comparison, and the roots and views that show them."""

import os
from dataclasses import replace

import pytest

from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import make_requests
from blender_text3d.worker.rerun import comparison as comparison_module
from blender_text3d.worker.rerun.blueprint import blueprint, object_view, root_of, roots_of, side_column
from blender_text3d.worker.rerun.comparison import (
    MAX_BYTES,
    compared_jobs,
    comparison_of,
    is_recording,
    merge_recordings,
)

(REQUEST,) = make_requests("a", model="mini/shap-e", seed=1, solver="")


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Create a job folder of this name in a comparison."""
    comparisons = {}

    def create(name, comparison="one", has_recording=True):
        (tmp_path / name).mkdir()
        comparisons[name] = comparison
        if has_recording:
            (tmp_path / name / "job.rrd").write_bytes(b"recording")
        return JobFolder(tmp_path / name)

    def read_request(folder):
        return replace(REQUEST, comparison=comparisons[folder.job_id])

    monkeypatch.setattr(JobFolder, "read_request", read_request)
    return create


def test_compared_jobs_are_found_oldest_first_without_others(stored, tmp_path):
    jobs = [stored("1"), stored("2", "two"), stored("3"), stored("4", "")]
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "file").write_text("")
    assert compared_jobs(jobs[0], "one") == [jobs[0], jobs[2]]


def test_only_the_newest_jobs_are_searched(stored, monkeypatch):
    jobs = [stored(str(number)) for number in range(4)]
    assert comparison_module.MAX_SEARCHED_JOBS == 50
    monkeypatch.setattr(comparison_module, "MAX_SEARCHED_JOBS", 3)
    assert compared_jobs(jobs[0], "one") == jobs[1:]


def test_a_folder_without_a_valid_job_is_in_no_comparison(tmp_path):
    assert comparison_of(JobFolder(tmp_path)) == ""


def test_a_recording_is_a_regular_file_of_limited_size(tmp_path):
    path = tmp_path / "job.rrd"
    assert not is_recording(path)
    with path.open("wb") as file:
        file.truncate(MAX_BYTES)
        assert is_recording(path)
        file.truncate(MAX_BYTES + 1)
    assert MAX_BYTES == 2**30
    assert not is_recording(path)
    (tmp_path / "link").symlink_to(__file__)
    os.mkfifo(tmp_path / "pipe")
    assert not any(is_recording(tmp_path / name) for name in ("link", "pipe", "."))


@pytest.fixture
def merged(monkeypatch):
    calls = []
    monkeypatch.setattr(comparison_module, "write_merged", lambda *arguments: calls.append(arguments))
    return calls


def test_recordings_are_merged_into_the_folder_of_the_last_job_once_all_exist(stored, merged):
    first = stored("1")
    assert merge_recordings(first) is None
    last = stored("2")
    assert merge_recordings(last) == last.path / "comparison.rrd"
    ((recordings, path, request),) = merged
    assert (recordings, path, request.comparison) == ([first.rrd, last.rrd], last.path / "comparison.rrd", "one")


def test_a_job_that_is_missing_or_not_compared_merges_nothing(stored, merged):
    stored("1", has_recording=False)
    assert merge_recordings(stored("2")) is None
    assert merge_recordings(stored("3", "")) is None
    assert merged == []


@pytest.mark.parametrize(
    ("model", "comparison", "root", "roots"),
    [
        ("mini/shap-e", "", "job", ["job"]),
        ("mini/shap-e", "one", "mini-shap-e", ["mini-point-e", "mini-shap-e"]),
        ("shap-e/text300M", "one", "shap-e-text300M", ["point-e-base40M-textvec", "shap-e-text300M"]),
    ],
)
def test_a_compared_job_has_its_models_name_as_root(model, comparison, root, roots):
    request = replace(REQUEST, model=model, comparison=comparison)
    assert (root_of(request), roots_of(request)) == (root, roots)


def contents(view):
    return list(view.contents)


def test_one_job_is_shown_under_its_parts_names_and_several_under_their_own():
    assert (object_view("job").name, object_view("a").name) == ("Object", "a")
    assert (object_view("a").origin, contents(object_view("a"))) == ("a", ["a/forming/**", "a/result/**"])
    objects, cameras = blueprint(["a", "b"]).root_container.contents[0].contents
    assert (objects.name, cameras.name) == ("Objects", "Views")
    assert [view.origin for view in objects.contents] == ["a", "b"]
    assert [contents(view) for view in cameras.contents] == [
        [f"{root}/result/**", f"{root}/views/**"] for root in ("a", "b")
    ]


def test_the_column_has_prompts_curves_and_one_log_of_all_jobs():
    prompt, seconds, sigma, log = side_column(["job"]).contents
    assert (prompt.name, prompt.origin) == ("Prompt", "job/prompt")
    assert [view.name for view in (seconds, sigma, log)] == ["seconds per step", "noise level (sigma)", "Log"]
    prompts, seconds, sigma, log = side_column(["a", "b"]).contents
    assert [view.origin for view in prompts.contents] == ["a/prompt", "b/prompt"]
    assert contents(seconds) == ["a/curves/step_time_s", "b/curves/step_time_s"]
    assert contents(sigma) == ["a/curves/sigma", "b/curves/sigma"]
    assert contents(log) == ["a/log", "b/log"]


def test_a_plot_of_several_jobs_has_a_legend():
    for roots, is_visible in ((["job"], [False]), (["a", "b"], [True])):
        legend = side_column(roots).contents[1].properties["PlotLegend"]
        assert legend.visible.as_arrow_array().to_pylist() == is_visible


def test_the_object_has_most_of_the_window_and_prompt_and_log_most_of_the_column():
    window = blueprint().root_container
    assert (window.column_shares, window.contents[1].row_shares) == ([5, 2], [3, 2, 2, 3])
