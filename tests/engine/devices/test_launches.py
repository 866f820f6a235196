# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernels of a step of the official networks: they never grow, and docs/measurements.md states them."""

from pathlib import Path

import pytest

from scripts.bench.launches import CASES, count

# case: (kernels, launches with CUDA graphs); the last two depend on which points have density and on the views.
LAUNCHES = {
    "shap-e/text300M, dpm++2m": (271, 18),
    "shap-e/text300M, heun": (542, 36),
    "shap-e/image300M, dpm++2m": (271, 18),
    "point-e/base40M-textvec, dpm++2m": (153, 21),
    "point-e/base40M-textvec, heun": (309, 45),
    "point-e/upsample, dpm++2m": (154, 17),
    "point-e/upsample, heun": (308, 34),
    "point-e/sdf, a cloud": (103, 103),
    "point-e/sdf, points": (49, 49),
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
    kernels, with_graphs = LAUNCHES[case]
    assert count(case).total() == kernels
    if with_graphs != kernels:
        assert count(case, graphs=True).total() == with_graphs


def test_the_table_of_the_measurements_has_these_numbers():
    rows = [line.split(" | ") for line in MEASUREMENTS.read_text(encoding="utf-8").splitlines() if " | " in line]
    stated = {row[0].removeprefix("| "): row[1:] for row in rows}
    for case, (kernels, with_graphs) in LAUNCHES.items():
        before, after, ratio, graphs, *_ = (value.strip(" |") for value in stated[case])
        assert (int(after), graphs) == (kernels, str(with_graphs) if with_graphs != kernels else "–")
        assert float(ratio) == pytest.approx(kernels / int(before), abs=0.005)
