"""A peer of the bench: reads one JSON request a line, answers one JSON line each.

The same protocol for every party, ufom included. Requests: {"op": "info"}; {"op": "prepare", "case": {...}, "out": file} ->
{"first": seconds from source to first result, "variant": which form won}, and the gradient as float32 in the file;
{"op": "time", "case": {...}, "seconds": s} -> {"samples": [seconds a call, ...]};
{"op": "once", "case": {...}, "form": how its name begins} -> {"base": kB, "peak": kB} of resident memory before and in one gradient.
"""
import json
import os
import sys
import time


def pin():
    """One core and one thread for the whole process, unless it may have all."""
    cpu = os.environ.get("UFOM_BENCH_CPU")
    if cpu is None:
        return os.cpu_count()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(cpu)})
    return 1


def read(case):
    """The leaves of theta, and those of the tasks, each of all tasks one behind the other."""
    import numpy as np

    numbers = np.fromfile(case["file"], np.float32)
    at = 0

    def take(shape):
        nonlocal at
        size = int(np.prod(shape))
        at += size
        return numbers[at - size : at].reshape(shape)

    theta = [take(s) for s in case["theta"]]
    tasks = [[take(s) for s in case["data"]] for _ in range(case["tasks"])]
    if case.get("part"):
        first, count = case["part"]
        tasks = tasks[first : first + count]
    return theta, [np.stack(leaf) for leaf in zip(*tasks)]


# What the process itself computed, where other work on the machine must not count; else the time on the wall.
now = time.process_time if os.environ.get("UFOM_BENCH_CLOCK") == "cpu" else time.perf_counter


def elapsed(run):
    started = now()
    run()
    return now() - started


def fastest(who, variants):
    """Builds and runs each of the forms (name, build) and keeps the fastest: its name, seconds to its first result, and what it built."""
    best, failures = None, []
    for name, build in variants:
        started = now()
        try:
            run, *rest = build()
            run()
        except Exception as error:
            failures.append(f"{name}: {type(error).__name__}: {str(error).strip().splitlines()[0][:160] if str(error).strip() else ''}")
            print(f"{who} cannot run the form {failures[-1]}", file=sys.stderr, flush=True)
            continue
        first = now() - started
        took, end = elapsed(run), time.perf_counter() + 0.3
        for _ in range(50):
            if time.perf_counter() > end:
                break
            took = min(took, elapsed(run))
        if os.environ.get("UFOM_BENCH_VERBOSE"):
            print(f"{who}: {name}: first {first:.2f} s, then {1e3 * took:.3f} ms", file=sys.stderr, flush=True)
        if best is None or took < best[0]:
            best = (took, name, first, run, rest)
    if best is None:
        raise RuntimeError(f"{who} must run one of its forms; failed: {'; '.join(failures)}")
    return best[1:]


def memory(field):
    """kB of resident memory: VmRSS now, VmHWM at its highest."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def serve(who, info, variants, result):
    """`variants(case)` gives forms for `fastest`; `result(rest)` the gradient of what one built, as a float32 array."""
    ready = {}
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "info":
            answer = info
        else:
            case = request["case"]
            key = json.dumps(case, sort_keys=True)
            if request["op"] == "prepare":
                name, first, run, rest = fastest(who, variants(case))
                ready[key] = (run, rest[1] if len(rest) > 1 else 1)
                if request.get("out"):
                    result(rest).tofile(request["out"])
                answer = {"first": first, "variant": name}
            elif request["op"] == "once":
                base = memory("VmRSS")
                form = request.get("form") or ""
                build = next(build for name, build in variants(case) if (name == form if form == "eager" else name.startswith(form)))
                build()[0]()
                answer = {"base": base, "peak": memory("VmHWM")}
            else:
                run, units = ready[key]
                samples = []
                end = time.perf_counter() + request["seconds"]
                calls = 1
                while not samples or time.perf_counter() < end:
                    took = elapsed(lambda: [run() for _ in range(calls)]) / calls
                    samples.append(took / units)
                    calls = max(1, min(1000, int(2e-3 / took)))
                answer = {"samples": samples}
        print(json.dumps(answer), flush=True)
