# SPDX-License-Identifier: GPL-3.0-or-later
"""Train all small models from nothing.

    python -m scripts.training.train_all FOLDER
    python -m scripts.training.train_all FOLDER --models shap-e evaluation
    python -m scripts.training.train_all FOLDER --dry-run
    python -m scripts.training.train_all FOLDER --scale tiny        # toy sizes: shows that all stages run

The same command continues after a stop. Stages whose outputs are complete, and were made by the same commands, inputs
and code, are skipped. The models are written to FOLDER/weights; --install copies them into the add-on. Without it they
can be tried with BLENDER_TEXT3D_SMALL_MODELS=FOLDER/weights in the environment.
"""

import argparse
import sys
import time
from pathlib import Path

from .stages.code_version import ROOT
from .stages.folder import Unusable, check_folder, check_space, install, is_full, locked, prepare_folder
from .stages.plan import EVALUATION, MODELS, PROCESSOR, plan
from .stages.process import StageFailed, run_process
from .stages.record import (
    ForeignFiles,
    Identity,
    identity_of,
    read_record,
    recorded_identity,
    remove_outputs,
    state_of,
    write_record,
)
from .stages.stage import Choices, Stage

DONE, INTERRUPTED = "done", "interrupted"
FAILED, UNUSABLE, STOPPED = 1, 2, 130
MIN_HOURS = 0.02
"""Expected time of the finished stages from which on their real time corrects what remains."""


class Run:
    """A run of the command: its stages, and in which state each of them is."""

    def __init__(self, folder: Path, stages: list[Stage], *, any_code: bool):
        self.folder, self.stages = folder, stages
        self.identities: dict[str, Identity] = {}
        self.states: dict[str, str] = {}
        made: dict[str, str] = {}
        makers = {path: stage.name for stage in stages for path in stage.outputs}
        for stage in stages:
            identity = identity_of(stage, made)
            state = state_of(folder, stage, identity, any_code=any_code)
            is_remade = any(self.states[makers[path]] != DONE for path in stage.inputs)
            self.states[stage.name] = "changed inputs" if state == DONE and is_remade else state
            is_kept = self.states[stage.name] == DONE
            self.identities[stage.name] = recorded_identity(folder, stage) if is_kept else identity
            made |= dict.fromkeys(stage.outputs, self.identities[stage.name].hash)

    @property
    def missing(self) -> list[Stage]:
        """Return the stages that are not done, in order."""
        return [stage for stage in self.stages if self.states[stage.name] != DONE]

    def pace(self) -> float:
        """Return the real time of the finished stages as a multiple of the expected one."""
        done = [stage for stage in self.stages if self.states[stage.name] == DONE]
        seconds = sum((read_record(self.folder, stage) or {"seconds": 0})["seconds"] for stage in done)
        expected = sum(stage.hours for stage in done)
        return seconds / 3600 / expected if expected > MIN_HOURS else 1.0

    def remaining(self, pace: float) -> str:
        """Return the time that the missing stages will need, as text."""
        return duration(3600 * pace * sum(stage.hours for stage in self.missing))

    def make(self, stage: Stage) -> None:
        """Run a stage, or continue it, and record it.

        Raises:
            StageFailed, OSError: see `run_process`.
        """
        identity, spent = self.identities[stage.name], 0.0
        if self.states[stage.name] == INTERRUPTED and stage.resumes:
            spent = (read_record(self.folder, stage) or {"seconds": 0.0})["seconds"]
        else:
            remove_outputs(self.folder, stage)
        begun = time.monotonic() - spent
        write_record(self.folder, stage, identity, spent, is_complete=False)
        self.states[stage.name] = INTERRUPTED
        try:
            run_process(self.folder, stage)
        except BaseException:
            write_record(self.folder, stage, identity, time.monotonic() - begun, is_complete=False)
            raise
        self.require_outputs(stage)
        write_record(self.folder, stage, identity, time.monotonic() - begun, is_complete=True)
        self.states[stage.name] = DONE

    def require_outputs(self, stage: Stage) -> None:
        """Check that a stage has written what it should.

        Raises:
            StageFailed: An output is missing.
        """
        for path in stage.outputs:
            if not (self.folder / path).exists():
                raise StageFailed(f"{stage.name} ended without {self.folder / path}, which it should have written.")


def duration(seconds: float) -> str:
    """Return a duration as text: "14.2 h", "25 min" or "40 s"."""
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 60:.0f} min" if seconds >= 100 else f"{seconds:.0f} s"


def table(run: Run, choices: Choices) -> str:
    """Return the stages as text, with their states and commands."""
    states = {DONE: "done", INTERRUPTED: "continues", "new": "to run"}
    lines = [f"cd {run.folder}  # with PYTHONPATH={ROOT} and BLENDER_TEXT3D_SMALL_MODELS={run.folder}/weights"]
    for number, stage in enumerate(run.stages, start=1):
        state = states.get(run.states[stage.name], f"again: {run.states[stage.name]}")
        hours = "" if choices.is_tiny else f", about {duration(3600 * stage.hours)}"
        lines += [f"{number}. {stage.name} ({state}{hours})", f"   {stage.command}"]
    return "\n".join(lines)


def expectation(run: Run, choices: Choices) -> str:
    """Return how long the missing stages take, as text."""
    done, count = len(run.stages) - len(run.missing), len(run.stages)
    if choices.is_tiny:
        return f"{done} of {count} stages are done. The rest takes some minutes."
    return f"{done} of {count} stages are done. The rest takes about {run.remaining(1.0)} on {PROCESSOR}."


def make_all(run: Run, choices: Choices) -> None:
    """Run all missing stages.

    Raises:
        StageFailed, OSError: see `Run.make`.
    """
    for number, stage in enumerate(run.stages, start=1):
        if run.states[stage.name] == DONE:
            continue
        state = run.states[stage.name]
        note = f" (again: {state})" if state not in ("new", INTERRUPTED) else " (continued)" * (state == INTERRUPTED)
        left = "" if choices.is_tiny else f", about {run.remaining(run.pace())} remain"
        print(f"[{number} of {len(run.stages)}] {stage.name}{note}{left}", flush=True)
        run.make(stage)
    print(f"All {len(run.stages)} stages are done. The models are in {run.folder / 'weights'}.")


def stopped(run: Run, command: str) -> str:
    """Return what is done and how to go on, as text."""
    done = [stage.name for stage in run.stages if run.states[stage.name] == DONE]
    begun = [f"{stage.name} is unfinished" for stage in run.stages if run.states[stage.name] == INTERRUPTED]
    kept = ", ".join(done) if done else "nothing"
    return f"Stopped. Done: {kept}. {', '.join(begun)}\nTo go on: {command}"


def parse(words: list[str]) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of data, checkpoints and models, outside the repository")
    names = (*MODELS, EVALUATION)
    parser.add_argument("--models", nargs="+", choices=names, default=list(names), help="what to make; default: all")
    parser.add_argument("--scale", choices=("tiny", "full"), default="full")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=2, help="processor cores to use; rounding depends on them")
    path = lambda value: str(Path(value).resolve())  # noqa: E731
    parser.add_argument("--pictures", type=path, nargs="+", default=[], help="folders of pictures of anything, as PNG")
    parser.add_argument("--fonts", type=path, nargs="+", default=[], help="fonts with symbols")
    parser.add_argument("--letters", type=path, nargs="+", default=[], help="fonts with letters")
    parser.add_argument("--bfloat16", action="store_true", help="train Shap-E in bfloat16, for processors that have it")
    parser.add_argument("--compile", action="store_true", help="compile Shap-E's steps; needs a C++ compiler")
    parser.add_argument("--any-code", action="store_true", help="keep complete outputs of other code")
    parser.add_argument("--dry-run", action="store_true", help="print the stages, write nothing")
    parser.add_argument("--install", action="store_true", help="copy the models into the add-on at the end")
    return parser.parse_args(words)


def choices_of(options: argparse.Namespace) -> Choices:
    """Return the choices of the options.

    Raises:
        Unusable: an option cannot be used.
    """
    if options.device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise Unusable("PyTorch finds no GPU. Use --device cpu, or install a build of PyTorch for your GPU.")
    if options.cores < 1:
        raise Unusable("--cores must be 1 or more.")
    for path in (*options.pictures, *options.fonts, *options.letters):
        if not Path(path).exists():
            raise Unusable(f"{path} does not exist. Give --pictures, --fonts and --letters files that do.")
    sources = (tuple(getattr(options, name)) for name in ("pictures", "fonts", "letters"))
    acceleration = tuple(f"--{name}" for name in ("bfloat16", "compile") if getattr(options, name))
    return Choices(options.scale == "tiny", options.device, options.seed, options.cores, *sources, acceleration)


def train_all(options: argparse.Namespace, command: str) -> int:
    """Run the command; return its exit code.

    Raises:
        Unusable, ForeignFiles: see there.
    """
    choices, folder = choices_of(options), options.folder.resolve()
    stages = plan(options.models, choices)
    if options.dry_run:
        check_folder(folder, choices)
        run = Run(folder, stages, any_code=options.any_code)
        print(f"{table(run, choices)}\n{expectation(run, choices)}")
        return 0
    prepare_folder(folder, choices)
    with locked(folder):
        run = Run(folder, stages, any_code=options.any_code)
        check_space(folder, sum(stage.gigabytes for stage in run.missing))
        print(expectation(run, choices), flush=True)
        try:
            make_all(run, choices)
        except KeyboardInterrupt:
            print(stopped(run, command), file=sys.stderr)
            return STOPPED
        except (StageFailed, OSError) as error:
            full = f" The disk of {folder} is full: free some space." if is_full(folder) else ""
            print(f"{error}{full}\nTo go on after mending it: {command}", file=sys.stderr)
            return FAILED
        if options.install:
            print(f"Installed {', '.join(install(folder))}.")
    return 0


def main(words: list[str] | None = None) -> int:
    """Run the command with the words of a command line; return its exit code."""
    words = sys.argv[1:] if words is None else words
    try:
        return train_all(parse(words), " ".join(["python -m scripts.training.train_all", *words]))
    except (Unusable, ForeignFiles) as error:
        print(error, file=sys.stderr)
        return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
