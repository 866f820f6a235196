# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a Rerun stream into a file, also where the file could not be written.

Rerun's thread that writes a file ends with the first error, such as a full disk. Whoever disconnects the stream after
that, lets Python collect it or leaves it until exit may wait without end for that thread to answer; only `flush` has a
limit. So a stream that cannot be flushed is kept for ever and asked for nothing.

Source: seen with rerun-sdk 0.41 on a full disk, about every second time; tests/worker/test_rerun_closing.py.
"""

import ctypes

import rerun as rr

FLUSH_TIMEOUT_S = 10.0


def close_stream(stream: rr.RecordingStream) -> None:
    """Write all that is left; the file is complete after this.

    Raises:
        RuntimeError: It could not be written, or not within `FLUSH_TIMEOUT_S`.
    """
    try:
        stream.flush(timeout_sec=FLUSH_TIMEOUT_S)
    except BaseException:
        _keep_for_ever(stream)
        raise
    stream.disconnect()


def _keep_for_ever(stream: rr.RecordingStream) -> None:
    """One more reference, which nobody gives back, and no visit at exit; other streams are closed by their owners."""
    rr.unregister_shutdown()
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(stream))
