# SPDX-License-Identifier: GPL-3.0-or-later
"""The parity script: outputs that agree, outputs that differ, and cases that cannot be checked."""

import json
from pathlib import Path

import numpy as np
import pytest

from blender_text3d.engine.diffusion import solvers
from blender_text3d.engine.diffusion.schedule import Schedule
from scripts.parity import __main__ as parity

HERE = Path(__file__).parent
TIMESTEP = Schedule.timestep


@pytest.fixture
def changed(tmp_path):
    """A function that copies some cases of a recorded file, changed by a function of their list and arrays."""

    def change(file, names, edit):
        listed = json.loads((HERE / f"{file}.json").read_text())
        with np.load(HERE / f"{file}.npz") as data:
            arrays = {key: data[key] for key in data.files if key.partition("/")[0] in names}
        listed["cases"] = {name: listed["cases"][name] for name in names}
        edit(listed["cases"], arrays)
        (tmp_path / "cases.json").write_text(json.dumps(listed))
        np.savez(tmp_path / "cases.npz", **arrays)
        return tmp_path / "cases.npz"

    return change


def test_agreeing_outputs_exit_with_0_and_one_line_each(changed, capsys):
    assert parity.main([str(changed("point_e", ["base_text", "sdf"], lambda cases, arrays: None))]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[:-1]] == [["base_text", "y"], ["sdf", "y"]]
    assert all(float(line.split()[2]) < 1e-5 for line in lines[:-1])


@pytest.mark.parametrize(
    ("file", "name", "array", "step"),
    [
        ("point_e", "base_text", "y", 0),
        ("point_e", "heun_churn", "pred_xstart", 4),
        ("shap_e", "heun", "pred_xstart", 11),
        ("shap_e", "heun", "x", 6),
        ("shap_e", "decoder", "nerf_fine_channels", 0),
        ("encoder", "bottleneck", "noisy", 0),
        ("encoder", "render_nerf", "channels_coarse", 0),
    ],
)
def test_a_value_off_by_a_thousandth_of_the_largest_exits_with_1(changed, capsys, file, name, array, step):
    def alter(cases, arrays):
        values = arrays[f"{name}/{array}"][step]
        values.flat[5] += 1e-3 * np.abs(values).max()

    assert parity.main([str(changed(file, [name], alter))]) == 1
    assert "differs" in capsys.readouterr().out


def test_weights_of_another_seed_differ(changed):
    file = changed("point_e", ["base_uncond"], lambda cases, arrays: None)
    listed = json.loads(file.with_suffix(".json").read_text())
    file.with_suffix(".json").write_text(json.dumps(listed | {"seed": 1}))
    assert parity.main([str(file)]) == 1


def test_a_nan_differs(changed):
    def alter(cases, arrays):
        arrays["base_text/y"][0, 0, 0] = np.nan

    assert parity.main([str(changed("point_e", ["base_text"], alter))]) == 1


def configure(name, key, value):
    return lambda cases, arrays: cases[name]["config"].__setitem__(key, value)


@pytest.mark.parametrize(
    ("file", "name", "edit", "message"),
    [
        ("point_e", "base_text", configure("base_text", "dropout", 0.1), "unknown keys: dropout"),
        ("point_e", "base_text", configure("base_text", "name", "Perceiver"), "unknown network: Perceiver"),
        ("point_e", "sdf", lambda cases, arrays: arrays.pop("sdf/query"), "'sdf/query' is missing"),
        ("point_e", "sdf", lambda cases, arrays: cases["sdf"]["outputs"].update(y=[1, 3]), "listed as [1, 3]"),
        ("point_e", "sdf", lambda cases, arrays: arrays.update({"other/y": np.ones(3)}), "belong to no case"),
        ("point_e", "heun", lambda cases, arrays: cases["heun"].update(note="twelve steps"), "has no steps"),
        (
            "shap_e",
            "heun",
            lambda cases, arrays: cases["heun"]["config"]["diffusion"].update(schedule="sigmoid"),
            "sig",
        ),
        ("shap_e", "decoder", lambda cases, arrays: cases["decoder"]["state"].popitem(), "lists other tensors"),
        ("shap_e", "decoder", configure("decoder", "rows", 5), "rows = 5"),
        ("point_e", "base_text", configure("base_text", "heads", 5), "cannot be run"),
        ("more", "upsample", lambda cases, arrays: cases["upsample"]["inputs"].pop("low_res"), "cannot be run"),
    ],
)
def test_an_invalid_case_is_reported_in_one_line_and_exits_with_2(changed, capsys, file, name, edit, message):
    assert parity.main([str(changed(file, [name], edit))]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_missing_file_exits_with_2(tmp_path, capsys):
    assert parity.main([str(tmp_path / "none.npz")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_settings_in_the_configuration_override_the_note(changed):
    def move(cases, arrays):
        case = cases["heun_unguided"]
        sampling = {"karras_steps": 5, "sigma_min": 0.02, "sigma_max": 80.0, "guidance": 1.0, "s_churn": 0.0}
        case["config"]["sampling"] = sampling
        case["note"] = "7 Karras steps, sigma 1..2, guidance 9, cosine schedule"

    assert parity.main([str(changed("more", ["heun_unguided"], move))]) == 0


def off_by_one(schedule, sigma):
    return max(0, TIMESTEP(schedule, sigma) - 1)


def euler(denoise, x, level):
    denoised = denoise(x, level.sigma_hat)
    return x + (x - denoised) / level.sigma_hat * level.dt, denoised


@pytest.mark.parametrize(("target", "defect"), [((Schedule, "timestep"), off_by_one), ((solvers, "heun_step"), euler)])
@pytest.mark.parametrize(("file", "name"), [("point_e", "heun"), ("more", "heun_upsample"), ("more", "heun_unguided")])
def test_a_solver_with_one_defect_is_found(changed, monkeypatch, target, defect, file, name):
    monkeypatch.setattr(*target, defect)
    assert parity.main([str(changed(file, [name], lambda cases, arrays: None))]) == 1


def test_a_run_that_rounding_alone_moves_beyond_the_tolerance_gets_an_allowance(changed, capsys):
    assert parity.main([str(changed("more", ["heun_upsample"], lambda cases, arrays: None))]) == 0
    assert "rounding alone" in capsys.readouterr().out
