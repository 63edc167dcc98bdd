#!/usr/bin/env python3
"""Fails on an import that Package.swift does not declare for its target, and on one that points up through the layers.

SwiftPM lets a target import whatever happens to have been built before it; the manifest then lies about the architecture.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Modules that come with the toolchain or the system.
SYSTEM = {
    "Darwin", "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Musl", "Observation",
    "Swift", "Synchronization", "Testing", "XCTest",
}

# The layers of the house, top down: a target imports only what stands below its own layer.
LAYERS = [
    {"iot", "SerialProbe", "OutboxProbe", "PeerProbe", "HILProbe", "lx106-bench"},
    {"Up", "ClientSim", "Base", "Hub", "Flash", "VirtualBoard", "HIL"},
    {"LiveStream"},
    {"Daemon", "Files", "SerialPort", "PeerLink", "WebSocketClient"},
    {"Settings", "UnitProtocol", "Channels", "ESPLoader", "LX106"},
    {"JSONSyntax", "JUnit", "TerminalText", "CEpoll", "CLibUSB", "COpenSSL", "CSodium", "CUsrsctp", "CZlib"},
]
MAY_IMPORT_ITS_OWN_LAYER = {"HIL"}

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:public\s+|package\s+|internal\s+|fileprivate\s+|private\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)"
)


def layer_of(name):
    return next((depth for depth, names in enumerate(LAYERS) if name in names), None)


def manifest_targets():
    dump = subprocess.run(
        ["swift", "package", "dump-package"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for target in json.loads(dump)["targets"]:
        declared = {target["name"]}
        for dependency in target["dependencies"]:
            kind, value = next(iter(dependency.items()))
            if kind in ("byName", "product", "target"):
                declared.add(value[0])
        folder = target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + target["name"]
        yield target["name"], target["type"], ROOT / folder, declared


def imports_of(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = IMPORT.match(line)
        if found:
            yield number, found.group(1)


def problems():
    for name, kind, folder, declared in manifest_targets():
        own_layer = layer_of(name)
        if kind != "test" and own_layer is None and name != "TestSupport":
            yield f"Package.swift: target {name} stands in no layer; name its layer in .ci/imports.py"
        for path in sorted(folder.rglob("*.swift")):
            for number, module in imports_of(path):
                where = f"{path.relative_to(ROOT)}:{number}"
                if module not in declared and module not in SYSTEM:
                    yield f"{where}: imports {module}, which Package.swift does not declare for {name}"
                other = layer_of(module)
                if kind == "test" or None in (own_layer, other) or module == name:
                    continue
                if other < own_layer or (other == own_layer and name not in MAY_IMPORT_ITS_OWN_LAYER):
                    yield f"{where}: {name} imports {module}, which does not stand below it"


found = list(problems())
for problem in found:
    print(problem, file=sys.stderr)
print(f"imports: {len(found)} problems")
sys.exit(1 if found else 0)
