"""A peer of the bench: reads one JSON request a line, answers one JSON line each.

The same protocol for every party, ufom included. Requests: {"op": "info"}; {"op": "prepare", "case": {...}} -> {"first": seconds from source to first result, "gradient": [...]};
{"op": "time", "case": {...}, "seconds": s} -> {"samples": [seconds a call, ...]}.
"""
import json
import os
import sys
import time


def pin():
    """One core for the whole process: what "one thread" means for every peer."""
    cpu = os.environ.get("UFOM_BENCH_CPU")
    if cpu is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(cpu)})


def read_cleaning(file, n):
    """Training images and one-hot labels, validation images and labels: float32, one after another."""
    import numpy as np

    numbers = np.fromfile(file, np.float32)
    parts, at = [], 0
    for width in (784, 10, 784, 10):
        parts.append(numbers[at : at + n * width].reshape(n, width))
        at += n * width
    return parts


def serve(info, make):
    """`make(case)` returns a function without arguments that computes once and waits, and one that gives the result as floats."""
    ready = {}
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "info":
            answer = info
        else:
            key = json.dumps(request["case"], sort_keys=True)
            if request["op"] == "prepare":
                started = time.perf_counter()
                run, result, *units = make(request["case"])
                run()
                first = time.perf_counter() - started
                ready[key] = (run, units[0] if units else 1)
                answer = {"first": first, "gradient": result()}
            else:
                run, units = ready[key]
                samples = []
                end = time.perf_counter() + request["seconds"]
                calls = 1
                while time.perf_counter() < end or len(samples) < 3:
                    started = time.perf_counter()
                    for _ in range(calls):
                        run()
                    took = (time.perf_counter() - started) / calls
                    samples.append(took / units)
                    calls = max(1, min(1000, int(2e-3 / took)))
                answer = {"samples": samples}
        print(json.dumps(answer), flush=True)
