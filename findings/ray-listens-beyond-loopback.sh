#!/usr/bin/env bash
# Version: Ray 2.60.0 on Linux
# Behavior: a cluster of one machine listens on all addresses of the machine, also when 127.0.0.1 is given as the address
#   of its node: Ray replaces a loopback address by the one that other machines reach. The variable
#   RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0, named for other systems, keeps the cluster on loopback on Linux, too.
# Output seen:
#   127.0.0.1 given: node 192.0.2.2, beyond loopback listen gcs_server, python, ray::IDLE, ray::RuntimeEnvAgent, raylet
#   with the variable: node 127.0.0.1, beyond loopback listen nothing
set -euo pipefail
temp=$(mktemp -d /tmp/t3d-XXXXXX)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq ray==2.60.0 psutil==7.2.2
export HOME=$temp RAY_USAGE_STATS_ENABLED=0
cat > "$temp/listen.py" <<'PY'
import sys

import psutil
import ray

LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
options = {"include_dashboard": False, "log_to_driver": False, "logging_level": "ERROR"}
started = ray.init(address="local", num_cpus=1, _node_ip_address="127.0.0.1", _temp_dir=sys.argv[2], **options)
node = started.address_info["node_ip_address"]
me = psutil.Process()
beyond = set()
for process in (me, *me.children(recursive=True)):
    sockets = [socket for socket in process.net_connections("inet") if socket.status == psutil.CONN_LISTEN]
    beyond |= {process.name() for socket in sockets if socket.laddr.ip not in LOOPBACK}
ray.shutdown()
print(f"{sys.argv[1]}: node {node}, beyond loopback listen {', '.join(sorted(beyond)) or 'nothing'}")
if sys.argv[1] == "with the variable":
    assert node == "127.0.0.1", "the node is not on loopback"
    assert not beyond, "something listens beyond loopback"
else:
    assert node not in LOOPBACK, "the given address is used now, or this machine has no other one"
    assert {"gcs_server", "raylet"} <= beyond, "Ray keeps to loopback now"
PY
echo "Ray 2.60.0"
echo "a cluster of one machine listens on all of its addresses although its node was given 127.0.0.1:"
"$temp/venv/bin/python" "$temp/listen.py" "127.0.0.1 given" "$temp/a" 2> "$temp/log" || { cat "$temp/log"; exit 1; }
export RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0
"$temp/venv/bin/python" "$temp/listen.py" "with the variable" "$temp/b" 2> "$temp/log" || { cat "$temp/log"; exit 1; }
