#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write an Open Job Description bundle that makes the objects of a list on a render farm.

    python scripts/schedulers/make_openjd_bundle.py --jobs prompts.csv --out objects --bundle bundle --chunk-size 200
    openjd run bundle/template.yaml --job-param file://bundle/parameters.json
    deadline bundle submit bundle

The bundle holds the template of scripts/schedulers/openjd, parameter_values.json and asset_references.json for AWS
Deadline Cloud, and parameters.json for `openjd run`. Every entry of the list is checked first. The exit code is 0 if
the bundle was written, 1 if it cannot be written, 2 if the list or an option cannot be used.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from blender_text3d.batch.__main__ import DEFAULT_SEED
from blender_text3d.batch.__main__ import options_from as chunk_options_from
from blender_text3d.batch.folders import require_folder
from blender_text3d.batch.prompt_lists.prompt_list import PromptRow, read_prompt_list
from blender_text3d.batch.prompt_lists.row_requests import requests_of
from blender_text3d.batch.prompt_lists.row_values import FILE_SETTINGS
from blender_text3d.protocol.errors import BadRequest
from blender_text3d.system.console import sanitized, use_lossy_console_encoding
from blender_text3d.system.files import replace_content

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = Path(__file__).with_name("openjd") / "template.yaml"
FAILED, UNUSABLE = 1, 2
MAX_SHOWN = 10
RETRIES = 2
"""Together with the first attempt three: after its third failure an object is given up."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; an error is one sentence on stderr and an exit code."""
    use_lossy_console_encoding()
    options = options_from(arguments)
    try:
        prompts = read_prompt_list(options.jobs)
        for notice in prompts.notices:
            say(notice)
        inputs = checked_inputs(prompts.rows, options)
        require_folder(options.out, "--out")
        require_folder(options.bundle, "--bundle")
        write_bundle(options.bundle, parameters_of(options, len(prompts.rows)), asset_references(inputs))
    except BadRequest as error:
        say(str(error))
        return UNUSABLE
    except OSError as error:
        say(f"{options.bundle} cannot be written ({error.strerror}). Choose another --bundle.")
        return FAILED
    print(options.bundle)
    return 0


def checked_inputs(rows: list[PromptRow], options: argparse.Namespace) -> list[str]:
    """Check every entry of the list; returns the files that entries name, such as images.

    Raises:
        BadRequest: An entry cannot be used. All are told on stderr.
    """
    own = ["--model", options.model, "--quality", options.quality, "--seed", str(options.seed)]
    chunk_options = chunk_options_from(["--jobs", str(options.jobs), "--out", str(options.out), *own])
    inputs, refused = set(), []
    for row in rows:
        try:
            requests = requests_of(row, chunk_options)
        except BadRequest as error:
            refused.append(f"{row.place}: {error}")
            continue
        inputs |= {value for request in requests for name in FILE_SETTINGS if (value := getattr(request, name))}
    for sentence in refused[:MAX_SHOWN]:
        say(sentence)
    if refused:
        raise BadRequest(f"{len(refused)} of {len(rows)} entries cannot be used. Correct them; nothing was written.")
    return sorted(inputs)


def parameters_of(options: argparse.Namespace, count: int) -> dict[str, Any]:
    """Return the values of the template's parameters for a list of `count` entries."""
    return {
        "JobName": options.name or f"Text3D {options.jobs.stem}"[:64],
        "List": str(options.jobs.absolute()),
        "Entries": f"1-{count}",
        "OutputFolder": str(options.out.absolute()),
        "Model": options.model,
        "Quality": options.quality,
        "Seed": options.seed,
        "ChunkSize": options.chunk_size,
        "ChunkSeconds": options.chunk_seconds,
        "Gpus": int(options.gpu),
        "ProgramFolder": str(options.program_folder),
        "Python": options.python,
    }


def asset_references(inputs: list[str]) -> dict[str, Any]:
    """Return the files that no parameter names, as Deadline Cloud uploads them."""
    return {"assetReferences": {"inputs": {"filenames": inputs, "directories": []}, "outputs": {"directories": []}}}


def write_bundle(bundle: Path, parameters: dict[str, Any], references: dict[str, Any]) -> None:
    """Write the files of a bundle, and replace those of an earlier one.

    Raises:
        OSError: They cannot be written.
    """
    bundle.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(TEMPLATE, bundle / TEMPLATE.name)
    values = [{"name": name, "value": value} for name, value in parameters.items()]
    values.append({"name": "deadline:maxRetriesPerTask", "value": RETRIES})
    files = {
        "parameter_values.json": {"parameterValues": values},
        "parameters.json": parameters,
        "asset_references.json": references,
    }
    for name, content in files.items():
        replace_content(bundle / name, f"{json.dumps(content, indent=2, ensure_ascii=False)}\n".encode())


def say(text: str) -> None:
    """Print a sentence to stderr."""
    print(sanitized(text), file=sys.stderr)


def count_from_one(text: str) -> int:
    """Parse a whole number from 1.

    Raises:
        ArgumentTypeError: It is none.
    """
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def options_from(arguments: list[str] | None) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="make_openjd_bundle.py", description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=Path, required=True, metavar="LIST", help="list of prompts, as of generate.py")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the objects")
    parser.add_argument("--bundle", type=Path, required=True, metavar="DIR", help="folder of the bundle")
    parser.add_argument("--name", default="", help="name of the job (that of the list)")
    parser.add_argument("--model", default="mini/shap-e", help="model of entries that name none (%(default)s)")
    parser.add_argument("--quality", default="standard", help="draft, standard or exact (%(default)s)")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="seed of entries that name none (%(default)s)")
    parser.add_argument("--chunk-size", type=count_from_one, default=100, help="entries per task (%(default)s)")
    parser.add_argument(
        "--chunk-seconds", type=count_from_one, default=0, help="let the farm choose how many entries take so long"
    )
    parser.add_argument("--gpu", action="store_true", help="run on hosts with a GPU only")
    parser.add_argument(
        "--program-folder", type=Path, default=REPOSITORY, help="folder of Text3D on the hosts (%(default)s)"
    )
    parser.add_argument("--python", default="python3", help="Python 3.11 or newer on the hosts (%(default)s)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
