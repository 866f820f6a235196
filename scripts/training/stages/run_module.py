# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module as the main program of a stage, which ends with the process that started it.

`python -m scripts.training.stages.run_module PARENT MODULE ARGUMENTS`, where PARENT is the ID of the starting process.
This one leads a group of its own; all of it is ended when the starting process is gone, also if it was gone before this
one could look, so that nothing trains unseen or writes beside a new run.
"""

import os
import runpy
import signal
import sys
import threading
import time

CHECK_EVERY_S = 0.5


def end_with(parent: int) -> None:
    """End the group of this process when its parent is another one."""
    while os.getppid() == parent:
        time.sleep(CHECK_EVERY_S)
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    if sys.platform != "win32" and os.getpgid(0) == os.getpid():
        threading.Thread(target=end_with, args=(int(sys.argv[1]),), daemon=True).start()
    sys.argv = sys.argv[2:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
