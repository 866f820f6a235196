# SPDX-License-Identifier: GPL-3.0-or-later
"""Complete runs of the official packages next to this engine's, if point_e, shap_e and clip can be imported."""

from importlib.util import find_spec

MISSING = [name for name in ("point_e", "shap_e", "clip") if find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_header() -> str:
    return (
        f"tests/reference: NOT collected without {', '.join(MISSING)}" if MISSING else "tests/reference: both engines"
    )
