# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the folder of a saved diffusers pipeline from its text files, before anything of it is loaded.

Only safetensors weights and classes of the installed libraries are accepted, so that nothing in the folder runs.

Source: the layout that `DiffusionPipeline.save_pretrained` of diffusers 0.42 writes.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from ...system.untrusted_files import is_plain_name, read_json

INDEX = "model_index.json"
MAX_CONFIG_BYTES = 4 * 2**20
LIBRARIES = ("diffusers", "transformers")
CLASS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}", re.ASCII)
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack")
CONFIGS = ("config.json", "tokenizer_config.json", "preprocessor_config.json", "processor_config.json")
DENOISERS = ("unet", "transformer", "prior", "decoder")
WEIGHT_NAME = re.compile(r"(?:diffusion_pytorch_)?model(?:\.(?P<variant>[A-Za-z0-9_]+?))?(?:-\d+-of-\d+)?\.safetensors")


class BadPipeline(Exception):
    """A pipeline cannot be used; the message says why, and what would."""


@dataclass(frozen=True)
class SavedPipeline:
    """A saved pipeline that may be loaded.

    Attributes:
        folder: Its folder.
        class_name: Name of the pipeline's class in diffusers.
        components: Library and class name by component, without those that are left out.
    """

    folder: Path
    class_name: str
    components: dict[str, tuple[str, str]]

    @property
    def denoiser(self) -> str | None:
        """Name of the component that denoises, or None if it has an unusual name."""
        return next((name for name in DENOISERS if name in self.components), None)


def read_saved_pipeline(folder: Path) -> SavedPipeline:
    """Return what a folder says of its pipeline.

    Raises:
        BadPipeline: It has no pipeline, an incomplete one, one with code of its own, or pickled weights.
    """
    index = _read_index(folder)
    class_name = index.pop("_class_name", None)
    if not isinstance(class_name, str) or not CLASS_NAME.fullmatch(class_name):
        raise BadPipeline(_needs_code(folder, "the pipeline"))
    components = {name: _component(folder, name, value) for name, value in index.items() if _is_used(value)}
    if not any("scheduler" in name for name in components):
        raise BadPipeline(f"The pipeline in {folder} has no scheduler. Save or download the complete pipeline.")
    for name, (_, component) in components.items():
        _require_component(folder, name, component)
    return SavedPipeline(folder, class_name, components)


def _read_index(folder: Path) -> dict[str, object]:
    if not folder.is_dir():
        raise BadPipeline(f"There is no folder {folder}. Choose the folder of a saved diffusers pipeline.")
    try:
        index = read_json(folder / INDEX, MAX_CONFIG_BYTES)
    except FileNotFoundError as error:
        raise BadPipeline(
            f"{folder} has no {INDEX}, so it is not a saved diffusers pipeline. Choose the folder with that file; a "
            "single .safetensors file must be converted first."
        ) from error
    except (OSError, ValueError) as error:
        raise BadPipeline(f"{folder / INDEX} cannot be read ({error}). Save or download the pipeline again.") from error
    if not isinstance(index, dict):
        raise BadPipeline(f"{folder / INDEX} is not a pipeline's index. Save or download the pipeline again.")
    return index


def _is_used(value: object) -> bool:
    """True for components; settings are no lists, and components that are left out are [null, null]."""
    return isinstance(value, list) and value != [None, None]


def _component(folder: Path, name: str, value: object) -> tuple[str, str]:
    """Return library and class of a component.

    A library may also be a module of the pipelines in diffusers, "stable_diffusion" for the safety checker.
    """
    if not (isinstance(value, list) and len(value) == 2 and is_plain_name(name)):
        raise BadPipeline(f"{folder / INDEX} has no valid {name!r}. Save or download the pipeline again.")
    library, class_name = value
    names = isinstance(library, str) and isinstance(class_name, str)
    if not names or not CLASS_NAME.fullmatch(library) or not CLASS_NAME.fullmatch(class_name):
        raise BadPipeline(_needs_code(folder, name))
    if library not in LIBRARIES and (folder / name / f"{library}.py").exists():
        raise BadPipeline(_needs_code(folder, name))
    return library, class_name


def _require_component(folder: Path, name: str, class_name: str) -> None:
    path = folder / name
    if not path.is_dir():
        raise BadPipeline(f"The pipeline in {folder} has no {name}. Save or download the complete pipeline.")
    if class_name.startswith("Auto") and any(_asks_for_code(path / config) for config in CONFIGS):
        raise BadPipeline(_needs_code(folder, name))
    files = [file.name for file in path.iterdir()]
    if any(file.endswith(PICKLES) for file in files) and not any(file.endswith(".safetensors") for file in files):
        raise BadPipeline(
            f"The weights of {name} in {folder} are pickled, which may run code, so they are not loaded. Save the "
            "pipeline with safe_serialization=True, or download its .safetensors files."
        )


def _asks_for_code(config: Path) -> bool:
    """True if a component's configuration names classes of its own, "auto_map": transformers would import them."""
    try:
        values = read_json(config, MAX_CONFIG_BYTES)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return not isinstance(values, dict) or "auto_map" in values


def variant_of(component: Path) -> str | None:
    """Return the variant of a component's weights, such as "fp16", if they are there in variants only; else None.

    diffusers and transformers do not find such weights without its name.
    """
    matches = [WEIGHT_NAME.fullmatch(file.name) for file in component.iterdir()]
    found = {match["variant"] for match in matches if match}
    return min(found, key=str) if found and None not in found else None


def _needs_code(folder: Path, what: str) -> str:
    return (
        f"{what[:1].upper()}{what[1:]} in {folder} needs Python code of its own, which is never run. Choose a pipeline "
        "of classes that diffusers has."
    )
