# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that version 0.1.0 shows to users, scripts and files still exist; interface.json lists them.

Names that Blender stores are tested in tests/blender/addon/test_compatibility.py.
"""

import argparse
import ast
import importlib
import json
import os
import runpy
import sys
from pathlib import Path

import pytest

from blender_text3d.doctor.finding import parse_finding
from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.cli_output import checkpoint_json
from blender_text3d.engine.weights.progress import ProgressUpdate
from blender_text3d.environment.offline.kit import MANIFEST, read_kit, write_manifest
from blender_text3d.environment.progress import last_progress
from blender_text3d.protocol.claim import read_claim, write_claim
from blender_text3d.protocol.comparison import PAIRS
from blender_text3d.protocol.create_job import request_file
from blender_text3d.protocol.events import event_from_json
from blender_text3d.protocol.exported_files import EXPORTED_FILES
from blender_text3d.protocol.failures import EXIT_CODES, IDLE, RESTART_WORKER
from blender_text3d.protocol.models import MODELS
from blender_text3d.protocol.request import make_requests

REPOSITORY = Path(__file__).parents[2]
INTERFACE = json.loads(Path(__file__).with_name("interface.json").read_text(encoding="utf-8"))
RENAMED_MODULES = {
    "blender_text3d.setup": "blender_text3d.environment",
    "blender_text3d.setup.doctor": "blender_text3d.doctor",
}


class ParserFound(BaseException):
    """Ends a program before it parses its command line; the argument is the parser."""


@pytest.fixture
def parser_of(monkeypatch):
    """A function that returns the argument parser of a script or of a module that runs as a program."""

    def stop(parser: argparse.ArgumentParser, *_arguments, **_choices) -> None:
        raise ParserFound(parser)

    def parser_of(program: str) -> argparse.ArgumentParser:
        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)
        monkeypatch.setattr(sys, "argv", [program])
        monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
        try:
            if program.endswith(".py"):
                runpy.run_path(str(REPOSITORY / program), run_name="__main__")
            else:
                importlib.import_module(f"{RENAMED_MODULES.get(program, program)}.__main__").main()
        except ParserFound as found:
            return found.args[0]
        raise AssertionError(f"{program} has no command line")

    return parser_of


def actions_by_name(parser: argparse.ArgumentParser) -> dict[str, argparse.Action]:
    """Return every flag, hidden aliases too, and the destination of every positional argument."""
    return {name: action for action in parser._actions for name in action.option_strings or (action.dest,)}


@pytest.mark.parametrize("program", INTERFACE["command lines"])
def test_command_lines_take_what_they_took(parser_of, program):
    old, parser = INTERFACE["command lines"][program], parser_of(program)
    actions = actions_by_name(parser)
    assert set(old["flags"]) <= actions.keys()
    for name, choices in old.get("choices", {}).items():
        for choice in choices:
            parser._check_value(actions[name], parser._get_value(actions[name], choice))
    if "actions" in old:
        (commands,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
        assert set(old["actions"]) <= commands.choices.keys()


@pytest.fixture(scope="module")
def strings_in_code() -> set[str]:
    """Every string in the package, f-strings with {} for what is filled in, and the names of exported files.

    Version 0.1.0 exported with every job; now a panel's button and the scripts do, see test_old_results.py.
    """
    strings = set(EXPORTED_FILES)
    for path in (REPOSITORY / "blender_text3d").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                strings.add("".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values))
    return strings


@pytest.mark.parametrize("name", [*INTERFACE["file names"], *INTERFACE["environment variables"]])
def test_file_names_and_environment_variables_are_kept(strings_in_code, name):
    assert any(name == text or (name.startswith(".") and text.endswith(name)) for text in strings_in_code)


@pytest.mark.parametrize("event", INTERFACE["events"], ids=lambda event: event["kind"])
def test_events_have_the_keys_they_had(event):
    assert event.items() <= json.loads(event_from_json(json.dumps(event)).to_json()).items()


def test_requests_and_claims_have_the_keys_they_had(tmp_path):
    (request,) = make_requests("a red chair")
    content = request_file("a-red-chair", request)
    assert content.keys() >= set(INTERFACE["request.json"])
    assert content["request"].keys() == json.loads(request.to_json()).keys() >= set(INTERFACE["request"])
    write_claim(tmp_path / "claim.json")
    assert json.loads((tmp_path / "claim.json").read_text()).keys() >= set(INTERFACE["claim.json"])
    assert read_claim(tmp_path / "claim.json").pid == os.getpid()


def test_lines_of_the_environment_and_the_doctor_have_the_keys_they_had():
    lines = INTERFACE["lines"]
    progress = last_progress(json.dumps(lines["environment"]) + "\n")
    assert lines["environment"].items() <= json.loads(progress.to_json()).items()
    finding = parse_finding(json.dumps(lines["doctor"]))
    assert lines["doctor"].items() <= json.loads(finding.to_json()).items()


def test_lines_about_weights_have_the_keys_they_had(tmp_path):
    assert (
        json.loads(ProgressUpdate("ready", "shap-e/decoder").to_json()).keys() >= INTERFACE["lines"]["weights"].keys()
    )
    listed = checkpoint_json(CHECKPOINTS["shap-e/decoder"], None, tmp_path)
    assert listed.keys() >= set(INTERFACE["weights.py --json, list"])
    assert listed["sources"][0].keys() >= {"url", "owner"}


def test_the_manifest_of_an_offline_kit_is_read_and_written_without_loss(tmp_path):
    path = tmp_path / MANIFEST
    path.write_text(json.dumps(INTERFACE["kit"]), encoding="utf-8")
    write_manifest(read_kit(tmp_path))
    assert INTERFACE["kit"].items() <= json.loads(path.read_text(encoding="utf-8")).items()


def test_models_and_their_qualities_are_kept():
    for name, qualities in INTERFACE["models"].items():
        assert set(qualities) <= MODELS[name].qualities.keys()
    assert {tuple(pair) for pair in INTERFACE["comparison pairs"]} <= set(PAIRS)


def test_weights_have_the_paths_they_had():
    for name, paths in INTERFACE["checkpoints"].items():
        assert set(paths) <= {variant.path for variant in CHECKPOINTS[name].variants}


def test_a_worker_ends_with_the_exit_codes_it_had():
    assert INTERFACE["worker exit codes"] == {**EXIT_CODES, "restart": RESTART_WORKER, "idle": IDLE}
