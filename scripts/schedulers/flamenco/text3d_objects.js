// SPDX-License-Identifier: GPL-3.0-or-later
// Flamenco 3 job type: makes a list's objects, one part of the list per task. Copy this file to the folder `scripts`
// next to flamenco-manager, and set the variables text3d (the folder of Text3D) and text3dPython for each platform.

const MAX_PARTS = 10000;

const JOB_TYPE = {
    label: "Text3D Objects",
    description: "Make a 3D object for each entry of a list of prompts",
    settings: [
        { key: "list", label: "List of Prompts", type: "string", subtype: "file_path", required: true,
          description: "Text with one prompt per line, CSV or JSON lines, on the shared storage" },
        { key: "output_folder", label: "Output Folder", type: "string", subtype: "dir_path", required: true,
          description: "Folder of the objects on the shared storage. What it has is not made again" },
        { key: "parts", label: "Parts", type: "int32", default: 10, propargs: { min: 1, max: MAX_PARTS },
          description: "Number of tasks; each makes one part of the list" },
        { key: "model", label: "Model", type: "string", default: "mini/shap-e",
          description: "A model of scripts/weights.py list" },
        { key: "quality", label: "Quality", type: "string", default: "standard",
          choices: ["draft", "standard", "exact"],
          description: "Steps, guidance and faces of entries that name none" },
        { key: "seed", label: "Seed", type: "int32", default: 1, propargs: { min: 0 },
          description: "Seed of entries that name none" },
        { key: "program_folder", type: "string", default: "{text3d}", visible: "hidden",
          description: "Folder of Text3D on the workers" },
        { key: "python", type: "string", default: "{text3dPython}", visible: "hidden",
          description: "Python 3.11 or newer on the workers" },
    ]
};

function compileJob(job) {
    const settings = job.settings;
    const parts = numberOfParts(settings.parts);
    const finish = generateTask(settings, "finish", ["--finish"]);
    for (let part = 1; part <= parts; part++) {
        const task = generateTask(settings, `part-${part}`, ["--part", `${part}/${parts}`, "--accept-final-failures"]);
        finish.addDependency(task);
        job.addTask(task);
    }
    // The manager copies a task when it is added: its dependencies come first.
    job.addTask(finish);
}

function generateTask(settings, name, options) {
    const task = author.Task(name, "misc");
    task.addCommand(author.Command("exec", {
        exe: setting(settings, "python"),
        args: generateArguments(settings).concat(options),
    }));
    return task;
}

function numberOfParts(value) {
    const parts = value === undefined ? defaultOf("parts") : value;
    if (!Number.isInteger(parts) || parts < 1 || parts > MAX_PARTS) {
        throw `Parts is ${parts}. Set it to a number from 1 to ${MAX_PARTS}.`;
    }
    return parts;
}

function generateArguments(settings) {
    return [
        "-B", path.join(setting(settings, "program_folder"), "scripts", "generate.py"),
        "--jobs", setting(settings, "list"),
        "--out", setting(settings, "output_folder"),
        "--model", setting(settings, "model"),
        "--quality", setting(settings, "quality"),
        "--seed", setting(settings, "seed"),
    ];
}

// Jobs that are not submitted from Blender may lack settings that have a default.
function setting(settings, key) {
    const value = settings[key] === undefined ? defaultOf(key) : settings[key];
    if (value === undefined || value === "") {
        throw `The job has no ${key}. Set it, and submit the job again.`;
    }
    return String(value);
}

function defaultOf(key) {
    return JOB_TYPE.settings.find((candidate) => candidate.key === key).default;
}
