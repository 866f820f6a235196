# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancellation by a render farm, which sends a signal and ends the process some time later."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SIGNALS = [number for name in ("SIGTERM", "SIGBREAK") if (number := getattr(signal, name, None))]
"""SIGTERM by SLURM and Open Job Description; on Windows the latter sends CTRL_BREAK."""


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first signal of a farm that ends the process, as Ctrl+C does; ignore later ones.

    In the main thread only.
    """
    before = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(*_: Any) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
