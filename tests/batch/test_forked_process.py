# SPDX-License-Identifier: GPL-3.0-or-later
"""Forks of a process that run a function, used as `subprocess.Popen` is."""

import os
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")

if sys.platform == "linux":
    from blender_text3d.batch.forked_process import ForkedProcess


@pytest.fixture
def fork(tmp_path):
    """Return a function that forks; what still runs is killed afterwards."""
    started = []

    def make(run, **variables):
        with (tmp_path / "log").open("ab") as output:
            started.append(ForkedProcess(run, output, variables=variables, folder=tmp_path))
        return started[-1]

    yield make
    for process in started:
        process.kill()
        process.wait()


def sleep():
    time.sleep(600)
    return 0


def fail():
    raise ValueError("no more")


def leave():
    sys.exit(3)


@pytest.mark.parametrize(("run", "code"), [(lambda: 0, 0), (lambda: 7, 7), (fail, 1), (leave, 1)])
def test_the_exit_code_is_that_of_the_function_and_1_for_what_it_raises(fork, run, code, tmp_path):
    process = fork(run)
    assert (process.wait(), process.poll(), process.returncode) == (code, code, code)
    assert ("ValueError: no more" in (tmp_path / "log").read_text()) == (run is fail)


def test_a_fork_that_is_killed_has_ended_by_a_signal(fork):
    process = fork(sleep)
    assert process.poll() is None
    process.kill()
    assert process.wait() == -9
    process.kill()  # of an ended one, nothing happens


def test_it_has_its_own_streams_variables_folder_and_session(fork, tmp_path):
    def tell():
        os.write(1, f"{os.read(0, 100).decode()} {os.environ['OWN']} {os.getcwd()} {os.getsid(0)}\n".encode())
        os.write(2, b"error\n")
        return 0

    process = fork(tell, OWN="value")
    process.stdin.write(b"order")
    assert process.wait() == 0
    assert (tmp_path / "log").read_text() == f"order value {tmp_path} {process.pid}\nerror\n"
    assert "OWN" not in os.environ


def test_its_input_ends_with_that_of_the_other_side_although_later_forks_live(fork):
    def until_end():
        return 5 if os.read(0, 100) == b"" else 6

    first = fork(until_end)
    second = fork(sleep)
    first.stdin.close()
    assert first.wait() == 5
    assert second.poll() is None


def test_no_descriptor_of_the_process_is_left_open(fork, tmp_path):
    kept = os.open(tmp_path, os.O_RDONLY)
    with (tmp_path / "open").open("w") as file:

        def count():
            os.write(1, " ".join(sorted(os.listdir("/proc/self/fd"))).encode())
            return 0

        fork(count).wait()
        assert file.fileno() != kept
    os.close(kept)
    assert (tmp_path / "log").read_text() == "0 1 2 3"  # 3 is that of the listing itself
