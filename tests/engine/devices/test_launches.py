# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels of a step of the official networks: they never grow, and docs/measurements.md states them."""

from pathlib import Path

import pytest

from scripts.bench.launches import CASES, count

# case: (kernels, launches of the host, by default with CUDA graphs); the last two depend on which points have density
# and on the views.
LAUNCHES = {
    "shap-e/text300M, dpm++2m": (269, 16),
    "shap-e/text300M, heun": (535, 29),
    "shap-e/image300M, dpm++2m": (269, 16),
    "point-e/base40M-textvec, dpm++2m": (149, 17),
    "point-e/base40M-textvec, heun": (297, 33),
    "point-e/base40M-imagevec, dpm++2m": (149, 17),
    "point-e/base40M-uncond, dpm++2m": (145, 15),
    "point-e/base40M, dpm++2m": (149, 17),
    "point-e/base300M, dpm++2m": (269, 17),
    "point-e/base1B, dpm++2m": (269, 17),
    "point-e/upsample, dpm++2m": (152, 15),
    "point-e/upsample, heun": (301, 27),
    "point-e/sdf, a cloud": (99, 99),
    "point-e/sdf, points": (45, 45),
    "glide/base, ddpm": (757, 20),
    "glide/upsample, dpm++2m": (786, 11),
    "shap-e/decoder, points of a NeRF": (27, 27),
    "shap-e/decoder, points of a mesh (STF)": (19, 19),
    "shap-e/decoder, NeRF image of 64 x 64": (370, 370),
    "shap-e/encoder, an object with 2 views": (453, 453),
}
MEASUREMENTS = Path(__file__).parents[3] / "docs/measurements.md"


@pytest.mark.parametrize("case", CASES)
def test_a_step_launches_these_kernels(case):
    kernels, launches = LAUNCHES[case]
    assert count(case, graphs=False).total() == kernels
    if launches != kernels:
        assert count(case).total() == launches


def test_every_step_of_a_solver_has_graphs():
    assert {case for case, (kernels, launches) in LAUNCHES.items() if launches < kernels} == {
        case for case in CASES if case.endswith(("heun", "dpm++2m", "ddpm"))
    }


def test_the_table_of_the_measurements_has_these_numbers():
    rows = [line.split(" | ") for line in MEASUREMENTS.read_text(encoding="utf-8").splitlines() if " | " in line]
    stated = {row[0].removeprefix("| "): row[1:] for row in rows}
    for case, (kernels, launches) in LAUNCHES.items():
        before, after, ratio, of_host, ratio_of_host = (value.strip(" |") for value in stated[case])
        has_graphs = launches < kernels
        assert (int(after), of_host) == (kernels, str(launches) if has_graphs else "–")
        assert not has_graphs or launches <= 0.5 * kernels, "and there were no fewer before"
        if before != "–":
            assert float(ratio) == pytest.approx(kernels / int(before), abs=0.005)
            assert ratio_of_host == "–" or float(ratio_of_host) == pytest.approx(launches / int(before), abs=0.005)
