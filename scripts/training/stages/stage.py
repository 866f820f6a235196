# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage of training: the module that it runs, what it reads and writes, and what it costs."""

import shlex
from dataclasses import dataclass
from typing import Any


class Read(str):
    """A file or folder that a stage reads, relative to the folder of the training."""


class Write(str):
    """A file or folder that a stage writes, relative to the folder of the training."""


class Other(str):
    """A file or folder of the user's, as an absolute path."""


@dataclass(frozen=True)
class Stage:
    """One command.

    Attributes:
        name: the model and what the stage makes of it, such as "shap-e.prior-0".
        module: the module below `scripts.training`.
        arguments: its command line; paths are `Read`, `Write` or `Other`.
        hours: expected time, see `plan.PROCESSOR`.
        also_reads: what it reads without being told on the command line, such as weights.
        resumes: True if rerunning an interrupted command continues it; False if it starts over.
        gigabytes: size of its outputs.
    """

    name: str
    module: str
    arguments: tuple[Any, ...]
    hours: float
    also_reads: tuple[str, ...] = ()
    resumes: bool = False
    gigabytes: float = 0.02

    @property
    def inputs(self) -> list[str]:
        """Return the paths that it reads and that other stages write."""
        return [*(str(value) for value in self.arguments if isinstance(value, Read)), *self.also_reads]

    @property
    def outputs(self) -> list[str]:
        """Return the paths that it writes; the first one names its record."""
        return [str(value) for value in self.arguments if isinstance(value, Write)]

    @property
    def others(self) -> list[str]:
        """Return the paths of the user's that it reads."""
        return [str(value) for value in self.arguments if isinstance(value, Other)]

    @property
    def words(self) -> list[str]:
        """Return the command line after the module."""
        return [str(value) for value in self.arguments]

    @property
    def command(self) -> str:
        """Return the command as a person would type it in the folder of the training."""
        return f"python -m scripts.training.{self.module} {shlex.join(self.words)}"


@dataclass(frozen=True)
class Choices:
    """Command-line options that apply to every stage.

    Attributes:
        is_tiny: True for toy sizes, which only show that all stages run.
        device: "cpu" or "cuda", for the stages that can use a GPU.
        seed: seed of the training.
        cores: cores to use.
        pictures: folders of pictures of other things, with transparent ground.
        fonts: fonts with symbols.
        letters: fonts with letters.
        acceleration: options of `train.accelerate`, for the stages that have them.
    """

    is_tiny: bool = False
    device: str = "cpu"
    seed: int = 0
    cores: int = 2
    pictures: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
    acceleration: tuple[str, ...] = ()

    def of(self, full: Any, tiny: Any) -> Any:
        """Return a setting by scale."""
        return tiny if self.is_tiny else full

    def seeded(self, seed: int) -> tuple[Any, ...]:
        """Return the option of a stage's seed: its own one for the training's seed 0."""
        return "--seed", seed + 10_000 * self.seed

    @property
    def workers(self) -> tuple[Any, ...]:
        """Return the option of stages that make independent shards in several processes."""
        return "--workers", self.cores

    def training(self, steps: int, tiny_steps: int = 3, seed: int = 0) -> tuple[Any, ...]:
        """Return the options of a trainer in one process."""
        length = ("--steps", self.of(steps, tiny_steps), "--every", self.of(120, 3600))
        return *length, *self.seeded(seed), "--threads", self.cores, "--device", self.device

    def data_parallel(self, steps: int, batch: int) -> tuple[Any, ...]:
        """Return the options of a trainer in two processes, or in one; a batch is that of all processes."""
        options = self.training(steps)
        if self.is_tiny or self.device != "cpu" or self.cores < 2:
            return "--batch", self.of(batch, 4), *options
        threads = options.index("--threads") + 1
        shared = (*options[:threads], self.cores // 2, *options[threads + 1 :])
        return "--batch", batch // 2, "--processes", 2, *shared
