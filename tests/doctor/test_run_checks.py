# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the checks, and what happens if one of them crashes."""

from blender_text3d.doctor.finding import BAD, GOOD, Finding
from blender_text3d.doctor.run_checks import CHECKS, run_checks


def test_the_checks_go_from_the_most_basic_to_the_most_specific():
    assert [check.__name__ for check in CHECKS] == [
        "blender_version", "this_python", "copies", "environment", "lock", "packages", "shipped", "official",
        "free_space", "jobs_folder", "real_disk", "proxies", "online_access", "viewer_port", "clock", "long_paths",
        "sample_job",
    ]  # fmt: skip


def test_findings_are_yielded_as_they_are_made_and_a_crash_stops_only_its_own_check(bare):
    made = []

    def first_check(context):
        assert context is bare
        made.append("first")
        yield Finding("a", "A", GOOD, "well")
        raise OSError("it vanished")

    def second_check(context):
        made.append("second")
        yield Finding("b", "B", GOOD, "well")

    findings = run_checks(bare, (first_check, second_check))
    assert next(findings).check == "a"
    assert made == ["first"]
    assert list(findings) == [
        Finding("first_check", "First check", BAD, "this check crashed (OSError: it vanished)", "",
                "Report it with the other lines."),
        Finding("b", "B", GOOD, "well"),
    ]  # fmt: skip


def test_a_check_without_a_name_may_crash_too(bare):
    class Crashes:
        def __call__(self, context):
            raise ValueError("no")

    (finding,) = run_checks(bare, (Crashes(),))
    assert (finding.check, finding.what) == ("check", "Check")
