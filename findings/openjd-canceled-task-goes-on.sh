#!/usr/bin/env bash
# Version: openjd-cli 0.8.0 with openjd-sessions 0.13.0, on Linux
# Behavior: canceling a task with NOTIFY_THEN_TERMINATE sends SIGTERM to the task's command only. A shell, the command
#   of many published templates, ends by it and the program in its script does not hear of it. If the script sends the
#   program's output to a file, the session ends at once, the end of the notify period never comes, and the program
#   goes on. With its output on stdout it is killed at the end of the period. With exec in the script it is notified.
# Output seen:
#   output to a file: not notified, still runs after the session
#   output on stdout: not notified, has ended
#   exec, output to a file: notified, has ended
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq openjd-cli==0.8.0 openjd-model==0.13.0 openjd-sessions==0.13.0
cat >"$temp/program.py" <<'PY'
import os
import signal
import sys
import time
from pathlib import Path

folder = Path(sys.argv[1])


def told(*_):
    (folder / "notified").touch()
    sys.exit(1)


signal.signal(signal.SIGTERM, told)
(folder / "part").write_text(str(os.getpid()))
(folder / "part").rename(folder / "pid")
time.sleep(60)
PY
"$temp/venv/bin/openjd" --version
echo "the program of a canceled task's shell goes on after the session:"
"$temp/venv/bin/python" - "$temp" <<'PY'
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

temp = Path(sys.argv[1])
openjd = str(temp / "venv/bin/openjd")


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def canceled(name, script):
    folder = temp / name
    folder.mkdir()
    script = script.replace("PROGRAM", f"python3 {temp}/program.py {folder}").replace("LOG", f"{folder}/log")
    cancelation = {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": 3}
    run = {"command": "bash", "args": ["-c", script], "cancelation": cancelation}
    template = {"specificationVersion": "jobtemplate-2023-09", "name": "Job"}
    template["steps"] = [{"name": "Step", "script": {"actions": {"onRun": run}}}]
    (folder / "template.json").write_text(json.dumps(template))
    process = subprocess.Popen([openjd, "run", folder / "template.json"], stdout=subprocess.PIPE, text=True)
    while not (folder / "pid").exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.05)
    pid = int((folder / "pid").read_text())
    process.send_signal(signal.SIGINT)
    output = process.communicate()[0]
    assert "via notify then terminate method" in output and "Session ended" in output, output
    time.sleep(6)  # twice the notify period
    seen = (folder / "notified").exists(), runs(pid)
    if seen[1]:
        os.kill(pid, signal.SIGKILL)
    return seen


cases = {
    "output to a file": "PROGRAM > LOG 2>&1; echo end",
    "output on stdout": "PROGRAM; echo end",
    "exec, output to a file": "exec PROGRAM > LOG 2>&1",
}
seen = {}
for number, (name, script) in enumerate(cases.items()):
    told, goes_on = seen[name] = canceled(str(number), script)
    print(f"{name}: {'' if told else 'not '}notified, {'still runs after the session' if goes_on else 'has ended'}")
assert list(seen.values()) == [(False, True), (False, False), (True, False)], "the behavior changed"
PY
