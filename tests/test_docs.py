# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of docs/ and the README: every command is run, or at least parsed by its program; every link has a target;
every button, model and message that is named exists; and the steps of adding-a-model.md really add its model.
"""

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from blender_text3d.engine.weights.catalogue import CHECKPOINTS, REQUIRED_CHECKPOINTS
from blender_text3d.protocol.models import IMAGE_MODELS, MODELS

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "blender_text3d"
DOCS = sorted((REPOSITORY / "docs").glob("*.md"))
PAGES = [REPOSITORY / "README.md", *DOCS]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TIMEOUT_S = 600
VARIABLES = {"BLENDER_TEXT3D_WEIGHTS", "TEXT3D_WORKER_PYTHON"}  # set by the machine, not by the page
HOSTS = ("https://github.com/", "https://rerun.io")

PARSE, RUN = "parse", "run"
# The treatment of each program's commands. A command of a program that is not listed fails.
PROGRAMS = {
    "scripts/demo.py": PARSE,  # needs Blender: tests/blender/test_docs_commands.py runs it
    "scripts/test.py": PARSE,  # runs this test
    "scripts/bench": PARSE,  # measures for minutes
    "scripts/build_extension.py": RUN,
    "scripts/doctor.py": RUN,
    "scripts/jobs.py": RUN,
    "scripts/weights.py": RUN,
    "scripts/generate.py": RUN,
    "scripts/batch_generate.py": RUN,
    "scripts/batch_ray.py": PARSE,  # starts Ray: tests/batch/cluster runs it
    "-m blender_text3d.batch.cluster": PARSE,
    "scripts/remote.py": PARSE,  # needs another machine: tests/remote runs it
    "scripts/wedge.py": RUN,
    "scripts/report.py": RUN,
    "scripts/schedulers/make_openjd_bundle.py": RUN,
    "scripts/offline_kit.py": RUN,
    "scripts/fault_injection": RUN,
    "scripts/release/make_release.py": PARSE,
    "scripts/release/interface_texts.py": PARSE,
    "-m blender_text3d.environment": RUN,
    "-m scripts.training.": PARSE,  # trains
    "-m scripts.file_readers": PARSE,  # installs readers of other projects
    "blender -b -P": PARSE,  # needs Blender: tests/blender/test_docs_commands.py and tests/window run it
    "blender --command": PARSE,  # tests/window installs the zip by it
}
# Commands of programs that are run which need gigabytes, hours, or a model that only the page adds.
ONLY_PARSED = (
    "weights.py fetch",
    "environment renew",
    "environment add-part",
    "fault_injection --rounds",
    "offline_kit.py make kit --no-weights",
    "toy/",
    "--remote HOST",
)
PLAIN = ("python3", "scripts/generate.py", "a red chair")  # run first: other commands use its job
FAST_OPTIONS = {
    "scripts/generate.py": ("--quality", "draft", "--grid", "24", "--count", "1", "--views", "0"),
    "scripts/batch_generate.py": ("--quality", "draft", "--count", "1"),
    "scripts/build_extension.py": ("--out", "dist"),
}
# Findings of the doctor on this machine, and the empty stick, are not errors of the documentation.
ALLOWED_EXIT_CODES = {"scripts/doctor.py": (0, 1), "scripts/weights.py": (0, 1)}
WORDS = ("--model", "--result", "--outputs", "--format")
"""Options whose values take different paths through a program, unlike numbers and prompts."""
ORDER = ("offline_kit.py make", "offline_kit.py check", "wedge.py", "wedge.csv", "report.py")  # each reads earlier ones
READER = """
import argparse, contextlib, io, json, os, runpy, sys
class Parsed(BaseException):
    pass
real = argparse.ArgumentParser.parse_args
def parse_and_stop(self, args=None, namespace=None):
    real(self, args, namespace)
    raise Parsed
argparse.ArgumentParser.parse_args = parse_and_stop
answers = []
for target, arguments in json.load(sys.stdin):
    sys.argv, output, answer = [target, *arguments], io.StringIO(), "it parses nothing"
    run = runpy.run_path if os.path.exists(target) else runpy.run_module
    try:
        with contextlib.redirect_stderr(output), contextlib.redirect_stdout(output):
            run(target, run_name="__main__")
    except Parsed:
        answer = ""
    except BaseException as error:
        answer = f"{type(error).__name__}: {error} {output.getvalue()}"
    answers.append(answer)
print(json.dumps(answers))
"""


OVERRIDDEN = {option for options in FAST_OPTIONS.values() for option in options if option.startswith("--")} - {"--out"}


@dataclass(frozen=True)
class Command:
    """One command of a page."""

    page: str
    arguments: tuple[str, ...]

    @property
    def program(self) -> str:
        """The program's name in PROGRAMS, or "" if it is not listed."""
        line = " ".join(self.arguments)
        line = line.removeprefix("python3 ").removeprefix("python ")
        return next((name for name in PROGRAMS if line.startswith(name)), "")

    @property
    def paths(self) -> frozenset[str]:
        """The features a command uses: options, values of WORDS, files, subcommand or number of prompts."""
        arguments = self.arguments[3 if self.arguments[1] == "-m" else 2 :]
        first_option = next((index for index, part in enumerate(arguments) if part.startswith("-")), len(arguments))
        values = {" ".join(pair) for pair in zip(arguments, arguments[1:], strict=False) if pair[0] in WORDS}
        files = {Path(part).name for part in arguments if Path(part).suffix[1:].isalpha()}
        asked = {part for part in arguments if part.startswith("-")} | values | files
        prompts = "generate" in self.program
        return frozenset(asked | ({str(first_option)} if prompts else set(arguments[:1]))) - OVERRIDDEN

    @property
    def is_only_parsed(self) -> bool:
        return PROGRAMS[self.program] == PARSE or any(part in " ".join(self.arguments) for part in ONLY_PARSED)

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.arguments)}"


def commands_in(page: Path) -> list[Command]:
    """Return every command in ```sh blocks, and the inline ones that start with python or blender."""
    text = page.read_text(encoding="utf-8")
    shell = "\n".join(body for kind, body in BLOCK.findall(text) if kind == "sh").replace("\\\n", " ")
    inline = re.findall(r"`((?:python3?|blender) [^`]+)`", BLOCK.sub("", text))
    lines = [line for line in [*shell.splitlines(), *inline] if line.strip()]
    return [command for line in lines for command in commands_of(page.name, line)]


def commands_of(page: str, line: str) -> list[Command]:
    """Split a line into commands at &&; # starts a comment."""
    arguments, found = shlex.split(line, comments=True), [[]]
    for argument in arguments:
        found.append([]) if argument == "&&" else found[-1].append(argument)
    return [Command(page, tuple(part)) for part in found if part]


COMMANDS = list(dict.fromkeys(command for page in PAGES for command in commands_in(page)))


def unique(commands: list[Command]) -> dict[tuple[str, ...], Command]:
    """Return each command once, whatever page it is on."""
    return {command.arguments: command for command in commands}


def is_covered(command: Command, others: list[Command]) -> bool:
    """Return True if another command asks more of the same program, or an earlier one asks the same."""
    if command.arguments == PLAIN:
        return False
    same = [other for other in others if other.program == command.program]
    earlier = same[: same.index(command)]
    return any(command.paths < other.paths for other in same) or any(command.paths == o.paths for o in earlier)


RUNNABLE = [command for command in unique(COMMANDS).values() if command.program and not command.is_only_parsed]
RUNNABLE.sort(key=lambda command: command.arguments != PLAIN)
COVERED = [command for command in RUNNABLE if is_covered(command, RUNNABLE)]
PARSED = unique([command for command in COMMANDS if command.program and command.is_only_parsed] + COVERED)
REAL = unique([command for command in RUNNABLE if command not in COVERED])


def test_every_command_is_in_the_table():
    assert len(COMMANDS) > 40
    assert [str(command) for command in COMMANDS if not command.program] == []


def test_every_kind_of_block_is_known():
    kinds = {kind for page in DOCS for kind, _ in BLOCK.findall(page.read_text(encoding="utf-8"))}
    assert kinds <= {"sh", "python", "text"}


@pytest.fixture(scope="module")
def parser_errors(tmp_path_factory) -> dict[tuple[str, ...], str]:
    """The error of each program's own parser for each command that is not run; "" if it is accepted."""
    targets = {
        arguments: parse_target(command)
        for arguments, command in PARSED.items()
        if not command.program.startswith("blender --command")
    }
    return dict(zip(targets, run_parsers(list(targets.values()), tmp_path_factory.mktemp("parsed")), strict=True))


def run_parsers(targets: list[tuple[str, list[str]]], folder: Path) -> list[str]:
    """Return the errors of the programs' own parsers, all in one process; "" for an accepted command."""
    path = str(REPOSITORY)
    done = subprocess.run(
        [sys.executable, "-c", READER], input=json.dumps(targets), capture_output=True, text=True, timeout=TIMEOUT_S,
        env=os.environ | {"PYTHONPATH": path}, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def parse_target(command: Command) -> tuple[str, list[str]]:
    """Return (file or module to run, its arguments)."""
    arguments = list(command.arguments)
    if command.program == "blender -b -P":
        return str(REPOSITORY / arguments[3]), arguments[arguments.index("--") :]
    if arguments[1] == "-m":
        return arguments[2], arguments[3:]
    return str(REPOSITORY / arguments[1]), arguments[2:]


@pytest.mark.parametrize("command", PARSED.values(), ids=str)
def test_an_expensive_command_is_accepted_by_its_programs_parser(command, parser_errors):
    if command.program.startswith("blender --command"):
        window_test = (REPOSITORY / "tests/window/blender_window.py").read_text(encoding="utf-8")
        assert all(f'"{argument}"' in window_test for argument in command.arguments[1:-1])
    else:
        assert parser_errors[command.arguments] == ""


def test_a_wrong_option_is_found(tmp_path):
    wrong = parse_target(Command("x", ("python3", "scripts/demo.py", "a red chair", "--no-such-option")))
    (error,) = run_parsers([wrong], tmp_path)
    assert "unrecognized arguments: --no-such-option" in error


@pytest.fixture(scope="module")
def work_folder(tmp_path_factory) -> Path:
    """A folder with the files that the commands name: prompts, an image, an object, a latent; and a separate home."""
    import trimesh
    from PIL import Image

    folder = tmp_path_factory.mktemp("work")
    (folder / "prompts.txt").write_text("# a comment\na blue mug\n", encoding="utf-8")
    (folder / "chunk.jsonl").write_text('{"prompt": "a blue mug", "quality": "draft"}\n', encoding="utf-8")
    image = Image.new("RGB", (96, 96), "white")
    image.paste("red", (30, 20, 66, 76))
    image.save(folder / "chair.png")
    trimesh.creation.box((1, 1, 2)).export(folder / "chair.glb")
    (folder / "stick").mkdir()
    (folder / "home").mkdir()
    (folder / "home/worker-env").symlink_to(Path(sys.prefix).parent)  # this Python is one of its generations
    first = run_in(folder, Command("", PLAIN))
    assert first.returncode == 0, first.stderr
    (job,) = [path for path in (folder / "home/jobs").iterdir() if path.is_dir()]
    job.rename(folder / "JOB")
    return folder


def run_in(folder: Path, command: Command) -> subprocess.CompletedProcess:
    """Run a documented command in this test's own home, with options that shorten it."""
    script, arguments = command.arguments[1], [*command.arguments[2:], *FAST_OPTIONS.get(command.arguments[1], ())]
    if script == "-m":
        script, arguments = command.arguments[2], command.arguments[3:]
    arguments = [argument.replace("/media/stick", str(folder / "stick")) for argument in arguments]
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment |= {"BLENDER_TEXT3D_HOME": str(folder / "home"), "PYTHONPATH": str(REPOSITORY)}
    if "generate" in script:
        environment["TEXT3D_WORKER_PYTHON"] = sys.executable
    program = [str(REPOSITORY / script)] if (REPOSITORY / script).exists() else ["-m", script]
    line = [sys.executable, *program, *arguments]
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S)


def run_order(command: Command) -> int:
    return next((index for index, part in enumerate(ORDER, 1) if part in str(command)), 0)


@pytest.mark.parametrize("command", sorted(REAL.values(), key=run_order), ids=str)
def test_a_documented_command_succeeds(command, work_folder):
    if command.arguments == PLAIN:
        assert (work_folder / "JOB/mesh.glb").stat().st_size > 1000
        return
    done = run_in(work_folder, command)
    assert done.returncode in ALLOWED_EXIT_CODES.get(command.arguments[1], (0,)), done.stderr
    output = done.stdout if done.returncode == 0 else done.stdout + done.stderr
    assert output.strip() or "check" in command.arguments
    assert "Traceback" not in done.stderr


def test_commands_of_every_runnable_program_are_run():
    assert {command.program for command in REAL.values()} == {name for name, how in PROGRAMS.items() if how == RUN}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_has_a_target(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if "://" in target:
            assert target.startswith(HOSTS), target
        else:
            name, _, anchor = target.partition("#")
            file = (page.parent / name) if name else page
            assert file.exists(), target
            assert not anchor or anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    """Return the link anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def strings_in(folder: Path) -> list[str]:
    """Return every string in the source of a folder."""
    trees = (ast.parse(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("*.py")))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_is_named_exists(page):
    named = re.findall(r"`(?:tests/)?([\w/]+\.py)(?:::(test_\w+))?`", page.read_text(encoding="utf-8"))
    for file, test in [(file, test) for file, test in named if Path(file).name.startswith("test_")]:
        assert (REPOSITORY / "tests" / file).is_file(), file
        assert f"def {test}" in (REPOSITORY / "tests" / file).read_text(encoding="utf-8"), test


def test_every_complaint_has_tests():
    text = (REPOSITORY / "docs/complaints.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \*\*.*\| ([^|]+) \|$", text, re.MULTILINE)
    assert len(rows) == 17
    assert all("test_" in tests for tests in rows)


def is_label(bold: str) -> bool:
    """Return True if bold text names a button or setting: capitalized words without a final period."""
    parts = bold.split()
    return not bold.endswith(".") and all(part[0].isupper() or part in ("a", "the", "from", "(m)") for part in parts)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_button_and_setting_that_is_named_exists(page):
    labels = set(strings_in(PACKAGE))
    bold = re.findall(r"\*\*([^*]+)\*\*", BLOCK.sub("", page.read_text(encoding="utf-8")))
    assert [name for name in bold if is_label(name) and " ".join(name.split()) not in labels] == []


def test_every_quoted_message_exists():
    messages = "\n".join(strings_in(PACKAGE))
    text = (REPOSITORY / "docs/troubleshooting.md").read_text(encoding="utf-8")
    quoted = [" ".join(quote.split()) for quote in re.findall(r"“([^”]+)”", text)]
    assert len(quoted) > 15
    assert [quote for quote in quoted if quote != "quotes" and quote not in messages] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_model_that_is_named_exists(page):
    text = re.sub(r"https?://\S+", "", page.read_text(encoding="utf-8"))
    named = set(re.findall(r"`((?:mini|shap-e|point-e|reference|toy)/\w[\w-]*)`", text))
    assert named - MODELS.keys() - CHECKPOINTS.keys() - {*IMAGE_MODELS, "toy/ball"} == set()


def test_download_sizes_are_those_of_the_catalog():
    text = (REPOSITORY / "docs/models.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w/.-]+)` \| [^|]+ \| ([\d.]+) GB \| (\d+) \|", text, re.MULTILINE)
    assert {name for name, _, _ in rows} == REQUIRED_CHECKPOINTS.keys() & MODELS.keys()  # the encoder is a part
    for name, size, minutes in rows:
        size_gb = sum(CHECKPOINTS[part].variants[0].expected_bytes for part in REQUIRED_CHECKPOINTS[name]) / 1e9
        assert (float(size), int(minutes)) == (round(size_gb, 1), round(MODELS[name].typical_s / 60)), name


def test_the_documented_guidance_is_the_default():
    defaults = {
        name: model.undistilled.get("standard", model.qualities["standard"]).guidance
        for name, model in MODELS.items()
        if model.has_variations  # the others sample nothing, or are OpenAI's own
    }
    values = (
        {defaults.pop("mini/shap-e"), defaults.pop("mini/three-step")}.pop(),
        defaults.pop("mini/point-e"),
        defaults.pop("shap-e/text300M"),
        *set(defaults.values()),
    )
    sentence = "({:g} and {:g} for the small ones, {:g} for Shap-E with text, {:g} for the others)".format(*values)
    assert sentence in (REPOSITORY / "docs/models.md").read_text(encoding="utf-8")


def test_the_listed_vocabulary_is_that_of_the_small_models():
    text = " ".join((REPOSITORY / "docs/models.md").read_text(encoding="utf-8").split())
    vocabulary = json.loads((PACKAGE / "engine/mini/vocabulary.json").read_text(encoding="utf-8"))
    small = [model for model in MODELS if model.startswith("mini/")]
    assert (sorted(vocabulary["models"]), vocabulary["earlier"]) == (sorted(small), [])
    groups = vocabulary["groups"]
    assert listed(text, f"All know these **{len(groups['objects'])} kinds**: ") == groups["objects"]
    for name, intro in (("colors", "Colors: "), ("materials", "Materials: "), ("sizes", "Sizes: ")):
        assert listed(text, intro) == groups[name], name


def listed(text: str, intro: str) -> list[str]:
    """Return the words between commas from an introduction to the end of its sentence."""
    assert text.count(intro) == 1, intro
    return text.partition(intro)[2].partition(".")[0].split(", ")


def steps_of_the_page() -> list[tuple[str, str]]:
    """Return the python blocks of adding-a-model.md as (first line with the location, code)."""
    blocks = BLOCK.findall((REPOSITORY / "docs/adding-a-model.md").read_text(encoding="utf-8"))
    return [tuple(body.split("\n", 1)) for kind, body in blocks if kind == "python"]


@pytest.fixture
def toy(tmp_path) -> Path:
    """A copy of the package with the page's model added, step by step."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        REPOSITORY / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__", "training")
    )
    for location, code in steps_of_the_page():
        if new := re.fullmatch(r"# new file: (\S+)", location):
            file = tmp_path / new[1]
            file.parent.mkdir(parents=True)
            (file.parent / "__init__.py").write_text("# SPDX-License-Identifier: GPL-3.0-or-later\n")
            file.write_text(code, encoding="utf-8")
        else:
            name, anchor = re.fullmatch(r"# in (\S+), before: (.+)", location).groups()
            text = (tmp_path / name).read_text(encoding="utf-8")
            assert text.count(anchor) == 1 or text.index(anchor) >= 0, anchor
            (tmp_path / name).write_text(
                text.replace(anchor, code.strip("\n") + ("\n" if anchor[0] != "*" else "") + anchor, 1)
            )
    return tmp_path


def test_the_steps_of_the_page_add_a_working_model(toy):
    (line,) = [command for command in commands_in(REPOSITORY / "docs/adding-a-model.md")]
    environment = os.environ | {"BLENDER_TEXT3D_HOME": str(toy / "home"), "TEXT3D_WORKER_PYTHON": sys.executable}
    done = subprocess.run(
        [sys.executable, *line.arguments[1:], "--json"],
        cwd=toy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    (job,) = [path for path in (toy / "home/jobs").iterdir() if path.is_dir()]
    assert (job / "mesh.glb").stat().st_size > 1000
    assert (job / "cloud.ply").exists()
    assert (job / "job.rrd").exists()
    last = json.loads((job / "events.jsonl").read_text().splitlines()[-1])
    assert (last["kind"], last["faces"], last["points"]) == ("finished", 320, 162)
