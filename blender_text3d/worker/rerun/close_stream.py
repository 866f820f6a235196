# SPDX-License-Identifier: GPL-3.0-or-later
"""The safe end of a Rerun stream into a file, also after a write error.

A file stream of Rerun stops at its first write error. From then on, disconnecting the stream, collecting it as garbage
or exiting the process may never return; only `flush` has a timeout. So a stream that cannot be flushed is kept alive
and never used again.

Source: observed with rerun-sdk 0.41; tests/worker/rerun/test_close_stream.py.
"""

import ctypes

import rerun as rr

FLUSH_TIMEOUT_S = 10.0


def close_stream(stream: rr.RecordingStream) -> None:
    """Write all pending data, after which the file is complete.

    Raises:
        RuntimeError: The data could not be written, or not within `FLUSH_TIMEOUT_S`.
    """
    try:
        stream.flush(timeout_sec=FLUSH_TIMEOUT_S)
    except BaseException:
        _keep_alive(stream)
        raise
    stream.disconnect()


def _keep_alive(stream: rr.RecordingStream) -> None:
    """Add a reference that is never released, and skip Rerun's exit handler; other streams are closed explicitly."""
    rr.unregister_shutdown()
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(stream))
