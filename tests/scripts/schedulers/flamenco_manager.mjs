// SPDX-License-Identifier: GPL-3.0-or-later
// Compile a job by a Flamenco 3 job compiler script, with what the manager gives such scripts:
//     node flamenco_manager.mjs SCRIPT.js '{"settings": {...}}'
// Prints JSON: the job type, the tasks, and the error that the script threw or "".
import { readFileSync } from "node:fs";
import path from "node:path";
import vm from "node:vm";

const [script, submitted] = process.argv.slice(2);
const tasks = [];

function required(value, name) {
    const text = String(value).trim();
    if (!text) {
        throw new Error(`author.Task(name, type): ${name} is required`);
    }
    return text;
}

const author = {
    Task: (name, type) => ({
        name: required(name, "name"),
        type: required(type, "type"),
        commands: [],
        dependencies: [],
        addCommand(command) {
            this.commands.push(structuredClone(command));
        },
        addDependency(task) {
            this.dependencies.push(task.name);
        },
    }),
    Command: (name, parameters, totalStepCount = 0) => ({ name, parameters, totalStepCount }),
};

const job = {
    ...JSON.parse(submitted),
    // As the manager does, which copies the task: what is added to it later is lost.
    addTask({ name, type, commands, dependencies }) {
        tasks.push(structuredClone({ name, type, commands, dependencies }));
    },
};

const slashed = (text) => text.replaceAll("\\", "/");
const context = vm.createContext({
    author,
    path: {
        basename: (text) => path.posix.basename(slashed(text)),
        dirname: (text) => path.posix.dirname(slashed(text)),
        join: (...parts) => slashed(path.posix.join(...parts)),
        stem: (text) => path.posix.parse(slashed(text)).name,
    },
    print: () => undefined,
    alert: () => undefined,
});

// The manager compiles scripts in strict mode; `const` names of a script are not properties of its global object.
vm.runInContext(`"use strict"; ${readFileSync(script, "utf8")}`, context, { filename: script });
const jobType = vm.runInContext("JOB_TYPE", context);
let error = "";
try {
    vm.runInContext("compileJob", context)(job);
} catch (thrown) {
    error = String(thrown);
}
console.log(JSON.stringify({ jobType, tasks, error }));
