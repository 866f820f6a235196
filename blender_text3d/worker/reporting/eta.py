# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a job still takes, learnt from the stages of the job before and from this one."""

# Until a whole job was timed: what follows a stage takes this many times the stage itself.
TYPICAL_REST = {"sample": 0.7, "mesh": 0.1, "export": 0.0}


class EtaEstimator:
    """Remembers how long each stage took, in the order they come.

    All times are seconds of one clock.
    """

    def __init__(self) -> None:
        self._took_s: dict[str, float] = {}
        self._stage = ""
        self._began = self._last = 0.0
        self._ends_at: float | None = None

    def begin(self, now: float) -> None:
        """A new job begins; what is known of the stages stays."""
        self._stage = ""
        self._began = self._last = now
        self._ends_at = None

    def copy(self) -> "EtaEstimator":
        """What is known, for a job that runs beside another; nothing is learnt back from it."""
        other = EtaEstimator()
        other._took_s = dict(self._took_s)
        return other

    def eta_s(self, stage: str, index: int, of: int, now: float) -> float | None:
        """Seconds until the job ends, or None while nobody knows.

        Args:
            stage: The stage of the step that is just done.
            index: Steps done in it.
            of: Steps it has.
            now: The time.
        """
        if stage != self._stage:
            self._stage, self._began = stage, self._last
        self._last = now
        whole = (now - self._began) / index * of if index else self._took_s.get(stage)
        rest = None if whole is None else self._rest_s(stage, whole)
        if index >= of:
            self._took_s[stage] = now - self._began
        if rest is not None:  # else the estimate of the stage before still stands
            self._ends_at = now + whole * (1 - index / of) + rest
        return None if self._ends_at is None else round(max(self._ends_at - now, 0.0), 3)

    def _rest_s(self, stage: str, whole_s: float) -> float | None:
        """Seconds of the stages that follow this one, which itself takes whole_s."""
        order = list(self._took_s)
        later = order[order.index(stage) + 1 :] if stage in order else []
        if later:
            return sum(self._took_s[name] for name in later)
        return TYPICAL_REST[stage] * whole_s if stage in TYPICAL_REST else None
