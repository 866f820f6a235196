# SPDX-License-Identifier: GPL-3.0-or-later
"""Drafts of Live that a Blender left behind because it was killed; nobody has kept them."""

import time

from ...protocol.errors import InvalidJob
from ...protocol.events import Cancelled
from ...protocol.job_folder import JobFolder
from ...system.machine import is_this_machine
from ...system.process import is_alive
from .. import recovery
from .delete import delete_result


def remove_if_left(draft: JobFolder) -> None:
    """Delete a draft if its Blender is gone. One that still runs, or cannot be deleted, waits for the next time."""
    if not is_left(draft):
        return
    try:
        if recovery.state(draft) == "queued" and draft.claim():
            draft.append(Cancelled(stage="queued", index=0))
        delete_result(draft)
    except (InvalidJob, OSError):
        return


def is_left(draft: JobFolder) -> bool:
    """True if the Blender that wanted the draft is gone; that of another machine is unknown here for a day."""
    event = recovery.queued_event(draft)
    if event is None:
        return False
    if is_this_machine(event.host, event.machine):
        return not is_alive(event.pid, event.started)
    return abs(time.time() - event.time) > recovery.OTHER_MACHINE_S
