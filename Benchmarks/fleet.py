#!/usr/bin/env python3
"""Fleets of 1 000, 10 000 and 50 000 units with a line a second each, beside a reader in C with one epoll.

For each: lines that came, the timers' lag as the fleet counts it and the lines' evenness as the reader sees it, CPU of the fleet's
processes, and their memory. RSS counts the pages that processes share once for each of them, PSS once for all. Prints the ratio to
each goal at 50 000 units.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
FIRST = "127.64.0.1"
TICKS = os.sysconf("SC_CLK_TCK")


def processes(parent):
    """The process and its children; each of its threads may have started some."""
    found = [parent]
    for thread in os.listdir(f"/proc/{parent}/task"):
        with open(f"/proc/{parent}/task/{thread}/children") as file:
            found += [int(word) for word in file.read().split()]
    return found


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pids):
    """Bytes: RSS, PSS and what no other process shares."""
    sums = {"Rss": 0, "Pss": 0, "Pss_Anon": 0}
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                name = line.split(":")[0]
                if name in sums:
                    sums[name] += int(line.split()[1]) * 1024
    return sums


def scrape(address):
    metrics = {}
    with urllib.request.urlopen(address + "/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                metrics[name] = float(value)
    return metrics


def lag_quantile(before, after, share):
    """Milliseconds: the upper limit of the bucket in which that share of the timers between two scrapes ends."""
    name = "iot_sim_timer_lag_seconds_bucket{le="
    limits = [key for key in after if key.startswith(name)]
    counts = [after[key] - before[key] for key in limits]
    for key, count in zip(limits, counts):
        if count >= share * counts[-1]:
            return float(key[len(name) + 1:-2]) * 1000
    return float("inf")


def run(iot, reader, units, settle, seconds, folder):
    file = os.path.join(folder, "fleet.yaml")
    cohort = {"name": "unit", "kind": "read", "count": units, "addresses": FIRST, "signal": "counter"}
    with open(file, "w") as out:
        json.dump({"cohorts": [cohort]}, out)
    fleet = subprocess.Popen(
        [iot, "sim", "fleet", file, "--json", "--control", "0", "--stop-with-parent"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        began = time.monotonic()
        ready = json.loads(fleet.stdout.readline())
        started = time.monotonic() - began
        reading = subprocess.Popen(
            [reader, FIRST, str(units), "8888", "1000", str(settle), str(seconds)], stdout=subprocess.PIPE)
        time.sleep(settle + 0.5)
        pids = processes(fleet.pid)
        lag_before, before, at = scrape(ready["control"]), cpu_seconds(pids), time.monotonic()
        time.sleep(max(1, seconds - 1.5))
        cpu = (cpu_seconds(pids) - before) / (time.monotonic() - at)
        rss = memory(pids)
        lag_after = scrape(ready["control"])
        lag = [lag_quantile(lag_before, lag_after, share) for share in (0.5, 0.99, 1)]
        seen = json.loads(reading.communicate(timeout=120)[0])
        return {
            "units": units, "processes": len(pids), "start": started, "rate": seen["lines"] / seconds, "lost": seen["lost"],
            "missing": units - seen["connected"], "connect": seen["connect_seconds"], "broken": seen["broken"],
            "lag": lag, "gap": [seen[name] / 1000 for name in ("gap_p50_us", "gap_p99_us", "gap_max_us")],
            "cpu": cpu, "rss": rss["Rss"] / units, "pss": rss["Pss"] / units, "anon": rss["Pss_Anon"] / units,
        }
    finally:
        fleet.terminate()
        fleet.wait(30)


def show(result):
    lag = " / ".join(f"{value:.2f}" for value in result["lag"])
    gap = " / ".join(f"{value:.2f}" for value in result["gap"])
    print(
        f"{result['units']:6} units in {result['processes']} processes: {result['rate']:8.0f} lines/s, {result['lost']} lost, "
        f"lag {lag} ms (p50/p99/max), uneven by {gap} ms, CPU {100 * result['cpu']:.0f} % of a core, "
        f"{result['rss']:.0f} B RSS a unit ({result['pss']:.0f} PSS, {result['anon']:.0f} anonymous), "
        f"all connected in {result['connect']:.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iot", required=True)
    parser.add_argument("--units", type=int, nargs="*", default=[1000, 10_000, 50_000])
    parser.add_argument("--settle", type=int, default=10, help="seconds before the measurement")
    parser.add_argument("--seconds", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        reader = os.path.join(folder, "reader")
        subprocess.run(["cc", "-O2", "-o", reader, os.path.join(HERE, "fleet_reader.c")], check=True)
        for units in options.units:
            result = run(options.iot, reader, units, options.settle, options.seconds, folder)
            show(result)
    goals = [
        ("lines lost", result["lost"] + result["missing"] + result["broken"], 0),
        ("p99 of the lag (ms)", result["lag"][1], 10),
        ("RSS a unit (B)", result["rss"], 3584),
        ("CPU (% of a core)", 100 * result["cpu"], 60),
        ("connect storm (s)", result["connect"], 5),
    ]
    print(f"Goals at {result['units']} units:")
    for name, value, goal in goals:
        ratio = f", {value / goal:.2f} of the goal" if goal else ""
        print(f"  {name}: {value:.2f}, goal {goal}{ratio}: {'met' if value <= goal else 'MISSED'}")


if __name__ == "__main__":
    main()
