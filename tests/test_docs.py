# SPDX-License-Identifier: GPL-3.0-or-later
"""What docs/ and the README say: every command is run, or at least read by its program's own parser; every link leads
somewhere; every button, model and message that is named exists; and the model of adding-a-model.md is really added.
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
from blender_text3d.protocol.models import MODELS

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "blender_text3d"
DOCS = sorted((REPOSITORY / "docs").glob("*.md"))
PAGES = [REPOSITORY / "README.md", *DOCS]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TIMEOUT_S = 600
VARIABLES = {"BLENDER_TEXT3D_WEIGHTS", "TEXT3D_WORKER_PYTHON"}  # of the machine, not of the page
HOSTS = ("https://github.com/", "https://rerun.io")

PARSE, RUN = "parse", "run"
# What is done with each program's commands. A command of a program that is not here fails.
PROGRAMS = {
    "scripts/demo.py": PARSE,  # wants Blender: tests/blender/test_docs_commands.py runs it
    "scripts/test.py": PARSE,  # is what runs this
    "scripts/bench": PARSE,  # measures for minutes
    "scripts/build_extension.py": RUN,
    "scripts/doctor.py": RUN,
    "scripts/weights.py": RUN,
    "scripts/generate.py": RUN,
    "scripts/batch_generate.py": RUN,
    "scripts/offline_kit.py": RUN,
    "scripts/fault_injection": RUN,
    "scripts/release/make_release.py": PARSE,
    "scripts/release/interface_texts.py": PARSE,
    "-m blender_text3d.environment": RUN,
    "-m scripts.training.": PARSE,  # trains
    "blender -b -P": PARSE,  # wants Blender: tests/blender/test_docs_commands.py and tests/window run it
    "blender --command": PARSE,  # tests/window installs so
}
# Of programs that are run, commands that would take gigabytes, hours, or a model that the page only builds.
ONLY_PARSED = (
    "weights.py fetch",
    "environment renew",
    "fault_injection --rounds",
    "offline_kit.py make kit --no-weights",
    "toy/",
)
PLAIN = ("python3", "scripts/generate.py", "a red chair")  # run first: what it makes is what others take up
CHEAP = {
    "scripts/generate.py": ("--quality", "draft", "--grid", "24", "--count", "1", "--views", "0"),
    "scripts/batch_generate.py": ("--quality", "draft", "--count", "1"),
    "scripts/build_extension.py": ("--out", "dist"),
}
# What the doctor finds on the test's machine, and that the stick is empty, is not the docs' fault.
ILL_IS_FINE = {"scripts/doctor.py": (0, 1), "scripts/weights.py": (0, 1)}
ORDER = ("offline_kit.py make", "offline_kit.py check")  # the one takes what the other made
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
    sys.argv, said, answer = [target, *arguments], io.StringIO(), "it parses nothing"
    run = runpy.run_path if os.path.exists(target) else runpy.run_module
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            run(target, run_name="__main__")
    except Parsed:
        answer = ""
    except BaseException as error:
        answer = f"{type(error).__name__}: {error} {said.getvalue()}"
    answers.append(answer)
print(json.dumps(answers))
"""


@dataclass(frozen=True)
class Command:
    """One command of a page."""

    page: str
    words: tuple[str, ...]

    @property
    def program(self) -> str:
        """Its name in PROGRAMS; "" where it has none."""
        line = " ".join(self.words)
        line = line.removeprefix("python3 ").removeprefix("python ")
        return next((name for name in PROGRAMS if line.startswith(name)), "")

    @property
    def is_only_parsed(self) -> bool:
        return PROGRAMS[self.program] == PARSE or any(part in " ".join(self.words) for part in ONLY_PARSED)

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def commands_in(page: Path) -> list[Command]:
    """Every command in ```sh blocks, and those in the text that begin with python or blender."""
    text = page.read_text(encoding="utf-8")
    shell = "\n".join(body for kind, body in BLOCK.findall(text) if kind == "sh").replace("\\\n", " ")
    inline = re.findall(r"`((?:python3?|blender) [^`]+)`", BLOCK.sub("", text))
    lines = [line for line in [*shell.splitlines(), *inline] if line.strip()]
    return [command for line in lines for command in commands_of(page.name, line)]


def commands_of(page: str, line: str) -> list[Command]:
    """The commands of a line: && stands between two, # begins a comment."""
    words, found = shlex.split(line, comments=True), [[]]
    for word in words:
        found.append([]) if word == "&&" else found[-1].append(word)
    return [Command(page, tuple(part)) for part in found if part]


COMMANDS = list(dict.fromkeys(command for page in PAGES for command in commands_in(page)))


def unique(commands: list[Command]) -> dict[tuple[str, ...], Command]:
    """Each once, whatever page it stands on."""
    return {command.words: command for command in commands}


PARSED = unique([command for command in COMMANDS if command.program and command.is_only_parsed])
REAL = unique([command for command in COMMANDS if command.program and not command.is_only_parsed])


def test_every_command_has_its_line_in_the_table():
    assert len(COMMANDS) > 40
    assert [str(command) for command in COMMANDS if not command.program] == []


def test_every_kind_of_block_is_known():
    kinds = {kind for page in DOCS for kind, _ in BLOCK.findall(page.read_text(encoding="utf-8"))}
    assert kinds <= {"sh", "python", "text"}


@pytest.fixture(scope="module")
def read(tmp_path_factory) -> dict[tuple[str, ...], str]:
    """What each program's own parser says of each command that is not run; "" where it takes it."""
    asked = {
        words: as_read(command)
        for words, command in PARSED.items()
        if not command.program.startswith("blender --command")
    }
    return dict(zip(asked, parsers_say(list(asked.values()), tmp_path_factory.mktemp("read")), strict=True))


def parsers_say(asked: list[tuple[str, list[str]]], folder: Path) -> list[str]:
    """What the programs' own parsers say, all in one process; "" for a command that is taken."""
    path = str(REPOSITORY)
    done = subprocess.run(
        [sys.executable, "-c", READER], input=json.dumps(asked), capture_output=True, text=True, timeout=TIMEOUT_S,
        env=os.environ | {"PYTHONPATH": path}, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def as_read(command: Command) -> tuple[str, list[str]]:
    """The file or module to run, and its arguments."""
    words = list(command.words)
    if command.program == "blender -b -P":
        return str(REPOSITORY / words[3]), words[words.index("--") :]
    if words[1] == "-m":
        return words[2], words[3:]
    return str(REPOSITORY / words[1]), words[2:]


@pytest.mark.parametrize("command", PARSED.values(), ids=str)
def test_a_dear_command_is_one_that_its_program_takes(command, read):
    if command.program.startswith("blender --command"):
        installs = (REPOSITORY / "tests/window/blender_window.py").read_text(encoding="utf-8")
        assert all(f'"{word}"' in installs for word in command.words[1:-1])
    else:
        assert read[command.words] == ""


def test_a_wrong_option_would_be_found(tmp_path):
    wrong = as_read(Command("x", ("python3", "scripts/demo.py", "a red chair", "--no-such-option")))
    (said,) = parsers_say([wrong], tmp_path)
    assert "unrecognized arguments: --no-such-option" in said


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder with what the commands name: prompts, a picture, a job with a latent; and a home of its own."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("desk")
    (folder / "prompts.txt").write_text("# a comment\na blue mug\n", encoding="utf-8")
    picture = Image.new("RGB", (96, 96), "white")
    picture.paste("red", (30, 20, 66, 76))
    picture.save(folder / "chair.png")
    (folder / "stick").mkdir()
    (folder / "home").mkdir()
    (folder / "home/worker-env").symlink_to(Path(sys.prefix).parent)  # of which this Python is one generation
    first = run_in(folder, Command("", PLAIN))
    assert first.returncode == 0, first.stderr
    (job,) = [path for path in (folder / "home/jobs").iterdir() if path.is_dir()]
    job.rename(folder / "JOB")
    return folder


def run_in(folder: Path, command: Command) -> subprocess.CompletedProcess:
    """Run a script as the page says, but on this test's own home, and no longer than must be."""
    script, arguments = command.words[1], [*command.words[2:], *CHEAP.get(command.words[1], ())]
    if script == "-m":
        script, arguments = command.words[2], command.words[3:]
    arguments = [word.replace("/media/stick", str(folder / "stick")) for word in arguments]
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment |= {"BLENDER_TEXT3D_HOME": str(folder / "home"), "PYTHONPATH": str(REPOSITORY)}
    if "generate" in script:
        environment["TEXT3D_WORKER_PYTHON"] = sys.executable
    program = [str(REPOSITORY / script)] if (REPOSITORY / script).exists() else ["-m", script]
    line = [sys.executable, *program, *arguments]
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S)


def in_order(command: Command) -> int:
    return next((place for place, part in enumerate(ORDER, 1) if part in str(command)), 0)


@pytest.mark.parametrize("command", sorted(REAL.values(), key=in_order), ids=str)
def test_a_command_does_what_it_says(command, desk):
    if command.words == PLAIN:
        assert (desk / "JOB/mesh.glb").stat().st_size > 1000
        return
    done = run_in(desk, command)
    assert done.returncode in ILL_IS_FINE.get(command.words[1], (0,)), done.stderr
    said = done.stdout if done.returncode == 0 else done.stdout + done.stderr
    assert said.strip() or "check" in command.words
    assert "Traceback" not in done.stderr


def test_many_commands_are_really_run():
    assert {command.program for command in REAL.values()} == {name for name, how in PROGRAMS.items() if how == RUN}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if "://" in target:
            assert target.startswith(HOSTS), target
        else:
            name, _, anchor = target.partition("#")
            file = (page.parent / name) if name else page
            assert file.exists(), target
            assert not anchor or anchor in anchors(file), target


def anchors(page: Path) -> set[str]:
    """A page's headings, as links name them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def strings_in(folder: Path) -> list[str]:
    """Every text in the source of a folder."""
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
    assert len(rows) == 17 and all("test_" in tests for tests in rows)


def is_label(bold: str) -> bool:
    """Whether bold words are a button's or a setting's: every word begins with a capital, and no stop ends them."""
    words = bold.split()
    return not bold.endswith(".") and all(word[0].isupper() or word in ("a", "the", "from", "(m)") for word in words)


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_button_and_setting_that_is_named_exists(page):
    labels = set(strings_in(PACKAGE))
    bold = re.findall(r"\*\*([^*]+)\*\*", BLOCK.sub("", page.read_text(encoding="utf-8")))
    assert [name for name in bold if is_label(name) and " ".join(name.split()) not in labels] == []


def test_every_message_that_is_quoted_is_one_of_ours():
    said = "\n".join(strings_in(PACKAGE))
    text = (REPOSITORY / "docs/troubleshooting.md").read_text(encoding="utf-8")
    quoted = [" ".join(words.split()) for words in re.findall(r"“([^”]+)”", text)]
    assert len(quoted) > 15
    assert [words for words in quoted if words != "quotes" and words not in said] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_model_that_is_named_exists(page):
    text = re.sub(r"https?://\S+", "", page.read_text(encoding="utf-8"))
    named = set(re.findall(r"`((?:mini|shap-e|point-e|reference|toy)/\w[\w-]*)`", text))
    assert named - MODELS.keys() - CHECKPOINTS.keys() - {"toy/ball"} == set()


def test_sizes_of_downloads_are_the_catalogues():
    text = (REPOSITORY / "docs/models.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w/.-]+)` \| [^|]+ \| ([\d.]+) GB \| (\d+) \|", text, re.MULTILINE)
    assert {name for name, _, _ in rows} == REQUIRED_CHECKPOINTS.keys()
    for name, size, minutes in rows:
        need = sum(CHECKPOINTS[part].variants[0].expected_bytes for part in REQUIRED_CHECKPOINTS[name]) / 1e9
        assert (float(size), int(minutes)) == (round(need, 1), round(MODELS[name].typical_s / 60)), name


def test_the_usual_guidance_is_what_the_page_says():
    usual = {name: model.qualities["standard"].guidance for name, model in MODELS.items() if "reference" not in name}
    words = (usual.pop("mini/shap-e"), usual.pop("mini/point-e"), usual.pop("shap-e/text300M"), *set(usual.values()))
    said = "({:g} and {:g} for the small ones, {:g} for Shap-E with text, {:g} for the others)".format(*words)
    assert said in (REPOSITORY / "docs/models.md").read_text(encoding="utf-8")


def test_the_small_models_know_the_words_that_the_page_names():
    text = " ".join((REPOSITORY / "docs/models.md").read_text(encoding="utf-8").split())
    groups = json.loads((PACKAGE / "engine/mini/vocabulary.json").read_text(encoding="utf-8"))["groups"]
    for name, intro in (
        ("objects", "37 kinds**"),
        ("colors", "Colours: "),
        ("materials", "Materials: "),
        ("sizes", "Sizes: "),
    ):
        listed = text.partition(intro)[2].partition(": " if name == "objects" else "\0")[2 if name == "objects" else 0]
        assert re.split(r", ", listed.partition(".")[0]) == groups[name], name


def steps_of_the_page() -> list[tuple[str, str]]:
    """The python blocks of adding-a-model.md: their first line, which says where, and the rest."""
    blocks = BLOCK.findall((REPOSITORY / "docs/adding-a-model.md").read_text(encoding="utf-8"))
    return [tuple(body.split("\n", 1)) for kind, body in blocks if kind == "python"]


@pytest.fixture
def toy(tmp_path) -> Path:
    """A copy of the package to which the page's model was added, step by step."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        REPOSITORY / "scripts", tmp_path / "scripts", ignore=shutil.ignore_patterns("__pycache__", "training")
    )
    for where, code in steps_of_the_page():
        if new := re.fullmatch(r"# new file: (\S+)", where):
            file = tmp_path / new[1]
            file.parent.mkdir(parents=True)
            (file.parent / "__init__.py").write_text("# SPDX-License-Identifier: GPL-3.0-or-later\n")
            file.write_text(code, encoding="utf-8")
        else:
            name, anchor = re.fullmatch(r"# in (\S+), before: (.+)", where).groups()
            text = (tmp_path / name).read_text(encoding="utf-8")
            assert text.count(anchor) == 1 or text.index(anchor) >= 0, anchor
            (tmp_path / name).write_text(
                text.replace(anchor, code.strip("\n") + ("\n" if anchor[0] != "*" else "") + anchor, 1)
            )
    return tmp_path


def test_the_model_of_the_page_is_made_by_its_steps(toy):
    (line,) = [command for command in commands_in(REPOSITORY / "docs/adding-a-model.md")]
    environment = os.environ | {"BLENDER_TEXT3D_HOME": str(toy / "home"), "TEXT3D_WORKER_PYTHON": sys.executable}
    done = subprocess.run(
        [sys.executable, *line.words[1:], "--json"],
        cwd=toy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, done.stderr
    (job,) = [path for path in (toy / "home/jobs").iterdir() if path.is_dir()]
    assert (job / "mesh.glb").stat().st_size > 1000 and (job / "cloud.ply").exists() and (job / "job.rrd").exists()
    last = json.loads((job / "events.jsonl").read_text().splitlines()[-1])
    assert (last["kind"], last["faces"], last["points"]) == ("finished", 320, 162)
