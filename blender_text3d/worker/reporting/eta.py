# SPDX-License-Identifier: GPL-3.0-or-later
"""The estimated time until a job ends, from the durations of the stages of earlier jobs and of this one."""

import copy

# Until a complete job has been timed: the time after a stage, as a multiple of the stage's own time.
TYPICAL_REST = {"sample": 0.7, "mesh": 0.1, "export": 0.0}


class EtaEstimator:
    """Estimator of the remaining time, which remembers how long each stage took, in the order of the stages.

    All times are seconds of one clock.
    """

    def __init__(self) -> None:
        self._durations_s: dict[str, float] = {}
        self._stage = ""
        self._stage_start = self._last_step = 0.0
        self._end: float | None = None

    def start(self, now: float) -> None:
        """Start a new job; the durations of the stages are kept."""
        self._stage = ""
        self._stage_start = self._last_step = now
        self._end = None

    def copy(self) -> "EtaEstimator":
        """Return a copy that goes on where this one is; the original learns nothing from it."""
        other = copy.copy(self)
        other._durations_s = dict(self._durations_s)
        return other

    def eta_s(self, stage: str, index: int, total: int, now: float) -> float | None:
        """Return the seconds until the job ends, or None if there is no estimate yet.

        Args:
            stage: The stage of the step that has just finished.
            index: The number of finished steps of the stage.
            total: The total number of steps of the stage.
            now: The time.
        """
        if stage != self._stage:
            self._stage, self._stage_start = stage, self._last_step
        self._last_step = now
        stage_s = (now - self._stage_start) / index * total if index else self._durations_s.get(stage)
        rest_s = None if stage_s is None else self._rest_s(stage, stage_s)
        if index >= total:
            self._durations_s[stage] = now - self._stage_start
        if stage_s is not None and rest_s is not None:  # else the estimate of the previous stage is kept
            self._end = now + stage_s * (1 - index / total) + rest_s
        return None if self._end is None else round(max(self._end - now, 0.0), 3)

    def _rest_s(self, stage: str, stage_s: float) -> float | None:
        """Return the duration of the stages that follow this one, which itself takes stage_s."""
        order = list(self._durations_s)
        later = order[order.index(stage) + 1 :] if stage in order else []
        if later:
            return sum(self._durations_s[name] for name in later)
        return TYPICAL_REST[stage] * stage_s if stage in TYPICAL_REST else None
