# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison of GLIDE's cases with the recorded ones.

Everything is computed in float32, as it is used. Numbers of tokens, timesteps and bytes must be equal. A run starts at
the recorded noise and is never corrected on its way, so each of its steps may differ by ten times what rounding alone
moves it: as recorded, or, if it is not, as measured with noise whose last bit differs.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from scripts.parity.case import Case, InvalidCase
from scripts.parity.check import (
    MAX_ALLOWANCE,
    PERTURBATIONS,
    ROUNDING_FACTOR,
    TOLERANCE,
    OutputCheck,
    expected_outputs,
    largest,
    relative_error,
    step_errors,
)
from scripts.parity.glide_outputs import OUTPUTS, Outputs
from scripts.parity.glide_runs import run_outputs, seeded_outputs
from scripts.parity.traces import perturbed


def is_glide(case: Case) -> bool:
    """True for a case of GLIDE."""
    return str(case.config.get("name", "")).startswith("glide") or is_run(case) or is_seeded(case)


def is_run(case: Case) -> bool:
    """True for a run of one network with recorded noise."""
    return "network" in case.config and "sampling" in case.config


def is_seeded(case: Case) -> bool:
    """True for the run of both networks with the noise of a seed."""
    return {"base", "upsampler", "torch_manual_seed"} <= case.config.keys()


@torch.no_grad()
def check_glide(case: Case) -> Iterator[OutputCheck]:
    """Check each output of a case of GLIDE.

    Raises:
        InvalidCase: the case is of an unknown kind or incomplete.
    """
    try:
        if is_run(case):
            yield from check_run(case)
        elif is_seeded(case):
            yield from check_each(case, seeded_outputs(case), seeded_allowance(case))
        elif case.config["name"] in OUTPUTS:
            yield from check_each(case, OUTPUTS[case.config["name"]](case), TOLERANCE)
        else:
            raise InvalidCase(f"The case '{case.name}' is of an unknown kind: {case.config['name']}.")
    except (KeyError, AttributeError) as error:
        raise InvalidCase(f"The case '{case.name}' lacks {error}.") from error


def check_each(case: Case, outputs: Outputs, allowance: float) -> Iterator[OutputCheck]:
    """Check outputs as wholes; integers must be equal."""
    for name, expected in expected_outputs(case, outputs).items():
        error = error_of(outputs[name], expected)
        yield OutputCheck(case.name, name, error, error <= (allowance if expected.is_floating_point() else 0.0))


def error_of(computed: Tensor, expected: Tensor) -> float:
    """Return the relative error of numbers of any kind; 0 if there are none."""
    return relative_error(computed.double(), expected.double()) if expected.numel() else 0.0


def seeded_allowance(case: Case) -> float:
    """Return the error that rounding may cause at the end of the runs."""
    ends = [steps[-1] for run in case.related.values() for steps in [run.rounding.get("x", [])] if steps]
    return max([TOLERANCE, *(ROUNDING_FACTOR * end for end in ends)])


def check_run(case: Case) -> Iterator[OutputCheck]:
    """Check each step of a run."""
    outputs = run_outputs(case)
    for name, expected in expected_outputs(case, outputs).items():
        if name == "low_res":
            error = error_of(outputs[name], expected)
            yield OutputCheck(case.name, name, error, error <= TOLERANCE)
            continue
        errors, rounding = step_errors(outputs[name], expected), case.rounding.get(name)
        if rounding is None and not largest(errors) <= TOLERANCE:
            rounding = measured_rounding(case, outputs, name)
        allowed = [min(MAX_ALLOWANCE, max(TOLERANCE, ROUNDING_FACTOR * step)) for step in rounding or [0] * len(errors)]
        is_close = all(error <= limit for error, limit in zip(errors, allowed, strict=True))
        remark = f"run freely; up to {largest(allowed):.1e} allowed"
        yield OutputCheck(case.name, name, largest(errors), is_close, remark)


def measured_rounding(case: Case, outputs: Outputs, name: str) -> list[float]:
    """Return how far each step of a run moves if the last bits of its noise differ."""
    effect = [0.0] * len(outputs[name])
    for seed in range(PERTURBATIONS):
        other = run_outputs(case, perturbed(case.inputs["noise"], seed))
        effect = list(map(max, effect, step_errors(other[name], outputs[name])))
    return effect
