# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of scripts/demo.py that runs inside Blender: the add-on's operator, a saved file, an image.

Arguments after "--": prompt, output folder, seed, quality, model.
"""

import re
import shutil
import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import blender_text3d
from blender_text3d.environment.paths import default_jobs_dir
from blender_text3d.exports.export_job import export_job
from blender_text3d.exports.formats import ExportTarget
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.scene.names import JOB_ID
from scripts.cli.render_picture import render_picture


def main() -> None:
    """Generate the object, save it, and print the paths."""
    prompt, out, seed, quality, model = sys.argv[sys.argv.index("--") + 1 :]
    stem = Path(out) / (re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-") or "object")
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    blender_text3d.register()
    try:
        _demonstrate(prompt, int(seed), quality, model, stem)
    finally:
        blender_text3d.unregister()


def _demonstrate(prompt: str, seed: int, quality: str, model: str, stem: Path) -> None:
    made = _generate(prompt, seed, quality, model)
    job = JobFolder(default_jobs_dir() / made[JOB_ID])
    export_job(job, [ExportTarget("mesh", "glb", stem.with_suffix(".glb"))])
    shutil.copyfile(job.rrd, stem.with_suffix(".rrd"))
    render_picture([made], stem.with_suffix(".png"))
    bpy.ops.wm.save_as_mainfile(filepath=str(stem.with_suffix(".blend")), check_existing=False, compress=True)
    made_files = [stem.with_suffix(suffix) for suffix in (".blend", ".glb", ".png", ".rrd")]
    if job.view.exists():
        made_files.append(stem.with_name(f"{stem.name}-view.png"))
        shutil.copyfile(job.view, made_files[-1])
    print(*made_files, sep="\n")


def _generate(prompt: str, seed: int, quality: str, model: str) -> bpy.types.Object:
    """Generate with the panel's operator, which waits for the object if there is no window."""
    settings = bpy.context.scene.text3d
    settings.model = model
    settings.prompt, settings.seed, settings.has_random_seed, settings.quality = prompt, seed, False, quality
    print(f'generating "{prompt}" ...', flush=True)
    bpy.ops.text3d.generate()
    return next(made for made in bpy.data.objects if JOB_ID in made)


if __name__ == "__main__":
    main()
