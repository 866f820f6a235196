# SPDX-License-Identifier: GPL-3.0-or-later
"""A child that acts on the models' weights, whose messages are read while it runs."""

import os
import sys
from pathlib import Path

from blender_text3d.environment.child import WeightsChild


def test_the_weights_command_runs_in_the_workers_python_with_the_data_folder(tmp_path):
    child = WeightsChild(Path("/env/bin/python"), tmp_path, "fetch", "shap-e", "point-e")
    assert child._command[:3] == ["/env/bin/python", "-I", "-B"]
    assert child._command[-5:] == ["blender_text3d.engine.weights", "--json", "fetch", "shap-e", "point-e"]
    assert child.output == tmp_path / f"weights-fetch-{os.getpid()}.jsonl"
    assert child._variables == {"BLENDER_TEXT3D_HOME": str(tmp_path)}


def test_messages_of_the_weights_command_are_returned_once_each_and_only_when_complete(tmp_path):
    child = WeightsChild(Path(sys.executable), tmp_path, "list")
    assert child.new_messages() == []
    assert child.last_line() == ""
    with child.output.open("ab") as output:

        def add(text: str) -> list:
            output.write(text.encode())
            output.flush()
            return child.new_messages()

        assert add('{"name": "ä"}\n{"name": "b"}\n{"na') == [{"name": "ä"}, {"name": "b"}]
        assert child.last_line() == '{"name": "b"}'
        assert add("") == []
        assert add('me": "c"}\n') == [{"name": "c"}]
        assert add("Traceback\n[1]\n  Oh no \n\n") == []
        assert child.last_line() == "Oh no"
        assert add(" \n") == []
        assert child.last_line() == "Oh no"
        assert add('{"name": "d"}\n') == [{"name": "d"}]


def test_bytes_that_are_no_text_stop_no_message(tmp_path):
    child = WeightsChild(Path(sys.executable), tmp_path, "list")
    child.output.write_bytes(b'\xff\xfe\n{"name": "a"}\n')
    assert child.new_messages() == [{"name": "a"}]
