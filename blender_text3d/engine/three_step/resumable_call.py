# SPDX-License-Identifier: GPL-3.0-or-later
"""A function that reports by a callback, as a generator of its reports.

The function runs in a thread of its own, and only while the generator's user waits for the next report: at no time do
both run.
"""

import queue
import threading
from collections.abc import Callable, Generator
from typing import Any, TypeVar

Report = TypeVar("Report")
Returned = TypeVar("Returned")


class _Closed(BaseException):
    """Raised in the function when nobody waits for its reports any more; no `except Exception` stops it."""


def reports_of(
    function: Callable[[Callable[[Report], None]], Returned],
) -> Generator[Report, None, Returned]:
    """Yield what a function reports, and return what it returns; its exceptions are raised here.

    Args:
        function: Called with the function that reports. After the generator is closed, the next report ends it.
    """
    reports: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    resumed = threading.Semaphore(0)
    is_closed = False

    def report(value: Report) -> None:
        if is_closed:  # reported once more while it ends
            raise _Closed
        reports.put(("report", value))
        resumed.acquire()
        if is_closed:
            raise _Closed

    def run() -> None:
        try:
            reports.put(("returned", function(report)))
        except BaseException as error:  # raised where the generator's user waits
            reports.put(("raised", error))

    thread = threading.Thread(target=run, name="reports", daemon=True)
    thread.start()
    try:
        while True:
            kind, value = reports.get()
            if kind != "report":
                break
            yield value
            resumed.release()
    finally:
        is_closed = True
        resumed.release()
        thread.join()
    if kind == "raised":
        raise value
    returned: Returned = value
    return returned
