# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a job still takes, learnt from the stages of the job before and from this one."""


class Pace:
    """Remembers how long each stage took, in the order they come.

    All times are seconds of one clock.
    """

    def __init__(self) -> None:
        self._took_s: dict[str, float] = {}
        self._stage = ""
        self._began = self._last = 0.0

    def begin(self, now: float) -> None:
        """A new job begins; what is known of the stages stays."""
        self._stage = ""
        self._began = self._last = now

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
        here = self._left_s(stage, index, of, now)
        if index >= of:
            self._took_s[stage] = now - self._began
        return None if here is None else here + self._later_s(stage)

    def _left_s(self, stage: str, index: int, of: int, now: float) -> float | None:
        if index:
            return (now - self._began) / index * (of - index)
        return self._took_s.get(stage)

    def _later_s(self, stage: str) -> float:
        order = list(self._took_s)
        after = order[order.index(stage) + 1 :] if stage in order else []
        return sum(self._took_s[later] for later in after)
