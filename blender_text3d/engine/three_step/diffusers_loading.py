# SPDX-License-Identifier: GPL-3.0-or-later
"""Load a saved pipeline onto a device, without code of its folder and without the network."""

import inspect
from types import ModuleType
from typing import Any

import torch

from ..device import precision_of
from .diffusers_folder import BadPipeline, SavedPipeline, variant_of
from .diffusers_library import import_diffusers
from .diffusers_settings import require_text_to_image
from .stored_precision import stored_precision

FREE_SHARE = 0.8
"""Share of a device's free memory that a pipeline may fill; the rest is for its activations."""
MEMORY_WORDS = ("memory", "alloc")
LOADING_ERRORS = (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, RuntimeError)
NETWORK_CLASSES = (("diffusers", "ModelMixin"), ("transformers", "PreTrainedModel"))


def load_pipeline(saved: SavedPipeline, device: torch.device) -> Any:
    """Load a saved pipeline.

    Raises:
        BadPipeline: It is of an unknown class, makes no picture of a text, or its files do not fit.
        MissingPart: diffusers is not installed.
    """
    diffusers = import_diffusers()
    pipeline_class: Any = getattr(diffusers, saved.class_name, None)
    is_pipeline = inspect.isclass(pipeline_class) and issubclass(pipeline_class, diffusers.DiffusionPipeline)
    if not is_pipeline or pipeline_class is diffusers.DiffusionPipeline:
        raise BadPipeline(
            f"diffusers {diffusers.__version__} has no pipeline {saved.class_name}. Choose another pipeline."
        )
    require_text_to_image(saved.class_name, pipeline_class.__call__)
    dtype = stored_precision(saved, precision_of(device))
    try:
        networks = _load_networks(diffusers, saved, dtype)
        pipeline = pipeline_class.from_pretrained(saved.folder, dtype=dtype, local_files_only=True, **networks)
    except LOADING_ERRORS as error:
        if any(word in str(error).lower() for word in MEMORY_WORDS):
            raise
        raise BadPipeline(f"The pipeline in {saved.folder} cannot be loaded: {_first_line(error)}") from error
    pipeline.set_progress_bar_config(disable=True)
    _place(pipeline, device)
    return pipeline


def _load_networks(diffusers: ModuleType, saved: SavedPipeline, dtype: torch.dtype) -> dict[str, torch.nn.Module]:
    """Load each network by itself: a pipeline does not tell which tensors it did not find and left random."""
    import transformers

    modules = {"diffusers": diffusers, "transformers": transformers}
    bases = tuple(getattr(modules[library], name) for library, name in NETWORK_CLASSES)
    networks = {}
    for name, (library, class_name) in saved.components.items():
        module = modules.get(library) or getattr(diffusers.pipelines, library, None)
        network_class = getattr(module, class_name, None)
        if not inspect.isclass(network_class):
            raise BadPipeline(f"There is no {class_name} in {library}, which {name} in {saved.folder} needs.")
        if issubclass(network_class, diffusers.DiffusionPipeline):
            raise BadPipeline(f"{name} in {saved.folder} is a pipeline of its own. Choose one without another in it.")
        if issubclass(network_class, bases):
            networks[name] = _load_network(network_class, saved, name, dtype)
    return networks


def _load_network(network_class: Any, saved: SavedPipeline, name: str, dtype: torch.dtype) -> torch.nn.Module:
    folder = saved.folder / name
    network, found = network_class.from_pretrained(
        folder, dtype=dtype, variant=variant_of(folder), use_safetensors=True, local_files_only=True,
        output_loading_info=True,
    )  # fmt: skip
    absent = sorted(map(str, found["missing_keys"])) or sorted(map(str, found.get("mismatched_keys", ())))
    if absent:
        raise BadPipeline(
            f"The weights of {name} in {saved.folder} are incomplete: {absent[0]} and {len(absent) - 1} more are "
            "missing. Save or download the complete pipeline."
        )
    loaded: torch.nn.Module = network
    return loaded


def _place(pipeline: Any, device: torch.device) -> None:
    """Move a pipeline to its device; if it does not fit, one network at a time when it is needed."""
    if device.type == "cuda":
        networks = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
        needed = sum(value.nbytes for network in networks for value in network.parameters())
        if needed > FREE_SHARE * torch.cuda.mem_get_info(device)[0]:
            pipeline.enable_model_cpu_offload(device=device)
            return
    pipeline.to(device)


def _first_line(error: Exception) -> str:
    line = str(error).strip().split("\n")[0]
    return line if line.endswith((".", "?", "!")) else f"{line}."
