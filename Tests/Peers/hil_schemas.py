"""Judges the suites and rigs that ship by the schemas in docs, with PyPI's jsonschema, and what is wrong with copies of them.

usage: hil_schemas.py REPOSITORY            what ships, and what is wrong with it
       hil_schemas.py REPOSITORY FOLDER     which files of FOLDER/suite and FOLDER/rig the schemas take
"""

import copy
import json
import pathlib
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(sys.argv[1])


class Loader(yaml.SafeLoader):
    """Of YAML 1.2's core schema, in which on, off, yes and no are words."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if first not in "onyONY" or pair[0] != "tag:yaml.org,2002:bool"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def tell(what, is_):
    print(json.dumps({"what": what, "is": is_}))


def judge(name, files, wrong):
    schema = json.loads((ROOT / "docs" / f"hil-{name}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    documents = {path.name: yaml.load(path.read_text(), Loader) for path in sorted(files)}
    bad = {
        file: jsonschema.exceptions.best_match(validator.iter_errors(each)).message
        for file, each in documents.items() if not validator.is_valid(each)}
    tell(f"{name}s that are wrong", bad)
    taken = []
    for what, file, change in wrong:
        document = copy.deepcopy(documents[file])
        change(document)
        if validator.is_valid(document):
            taken.append(what)
    tell(f"wrong {name}s that are taken", taken)


def sort_out(name, folder):
    validator = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / f"hil-{name}.schema.json").read_text()))
    files = sorted(folder.glob("*.yaml"))
    tell(name, [file.stem for file in files if validator.is_valid(yaml.load(file.read_text(), Loader))])


if len(sys.argv) > 2:
    for each in ("suite", "rig"):
        sort_out(each, pathlib.Path(sys.argv[2]) / each)
    sys.exit()
judge("suite", (ROOT / "hil" / "suites").glob("*.yaml"), [
    ("no name", "stream.yaml", lambda suite: suite.pop("name")),
    ("a key that is not known", "stream.yaml", lambda suite: suite.update(stpes=[])),
    ("no step", "stream.yaml", lambda suite: suite.update(steps=[])),
    ("a step that is not known", "stream.yaml", lambda suite: suite["steps"].append({"dance": 3})),
    ("two steps in one", "stream.yaml", lambda suite: suite["steps"].append({"wait": "1s", "start": "hub"})),
    ("a time that is none", "stream.yaml", lambda suite: suite["steps"].append({"wait": "soon"})),
    ("text and regex", "connect.yaml",
     lambda suite: suite["steps"].append({"serial expects": {"unit": "sensor", "text": "a", "regex": "a"}})),
    ("an ability that is not known", "stream.yaml", lambda suite: suite["given"]["left"].update(abilities=["fly"])),
    ("connections of which nothing is expected", "stream.yaml",
     lambda suite: suite["steps"].append({"connections": {"unit": "left"}})),
    ("a network that is not known", "stream.yaml",
     lambda suite: suite["steps"].append({"network": {"at": "left", "is": "broken"}})),
])
judge("rig", (ROOT / "hil" / "rigs").glob("*.yaml"), [
    ("no boards", "sim.yaml", lambda rig: rig.pop("boards")),
    ("a driver that is not known", "sim.yaml", lambda rig: rig["boards"]["lamp-1"].update(driver="magic")),
    ("a key of another driver", "sim.yaml", lambda rig: rig["boards"]["lamp-1"].update(address="1.2.3.4")),
    ("a real board that nothing reaches", "bench-example.yaml",
     lambda rig: [rig["boards"]["d1-lamp"].pop(key) for key in ("address", "serial")]),
    ("power of two kinds", "bench-example.yaml", lambda rig: rig["boards"]["d1-lamp"]["power"].update({"by-hand": True})),
])
