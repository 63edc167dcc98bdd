"""Reads a value change dump by the grammar of IEEE 1364-2005, clause 18, and says what is in it.

One line of JSON: the timescale in nanoseconds, the scope, the wires, their first values, and each change as [ns, name, value].
"""

import json
import sys

UNITS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}


def tokens(path):
    with open(path, encoding="ascii") as file:
        return iter(file.read().split())


def command(words):
    """The words up to $end."""
    found = []
    for word in words:
        if word == "$end":
            return found
        found.append(word)
    raise ValueError("a command has no $end")


def declarations(words):
    scale, scope, names = None, [], {}
    for word in words:
        body = command(words)
        if word == "$enddefinitions":
            return scale, scope, names
        if word == "$timescale":
            text = "".join(body)
            digits = "".join(letter for letter in text if letter.isdigit())
            if digits not in ("1", "10", "100"):
                raise ValueError(f"{text} is no timescale")
            scale = int(digits) * UNITS[text[len(digits):]]
        elif word == "$scope":
            kind, name = body
            if kind not in ("module", "task", "function", "begin", "fork"):
                raise ValueError(f"{kind} is no kind of scope")
            scope.append(name)
        elif word == "$upscope":
            if body or not scope:
                raise ValueError("$upscope without a scope")
        elif word == "$var":
            kind, size, code, name = body
            if kind != "wire" or size != "1" or code in names:
                raise ValueError(f"{body} is not declared well")
            if not all("!" <= letter <= "~" for letter in code):
                raise ValueError(f"{code} is no identifier")
            names[code] = name
        elif word not in ("$date", "$version", "$comment"):
            raise ValueError(f"{word} among the declarations")
    raise ValueError("no $enddefinitions")


def main(path):
    words = tokens(path)
    scale, scope, names = declarations(words)
    time, values, first, changes, dumping = None, {}, None, [], False
    for word in words:
        if word == "$dumpvars":
            dumping = True
        elif word == "$end":
            if not dumping:
                raise ValueError("$end without a command")
            dumping, first = False, dict(values)
        elif word[0] == "#":
            later = int(word[1:])
            if time is not None and later <= time:
                raise ValueError(f"#{later} after #{time}")
            time = later
        elif word[0] in "01xXzZ":
            name = names[word[1:]]
            if time is None:
                raise ValueError("a change before any time")
            if not dumping:
                if values[name] == word[0]:
                    raise ValueError(f"{name} is {word[0]} already at #{time}")
                changes.append([time * scale, name, int(word[0])])
            values[name] = word[0]
        else:
            raise ValueError(f"{word} is no change of a value")
    if dumping or set(first or ()) != set(names.values()):
        raise ValueError("not all wires have a first value")
    high = sorted(name for name, value in first.items() if value == "1")
    print(json.dumps({"scale": scale, "scope": scope, "wires": len(names), "high": high, "changes": changes}))


main(sys.argv[1])
