"""The bench's work in PyTorch. `eager`: autograd as one writes it by hand (and as `higher` or TorchOpt run it), create_graph for the exact
gradient. `best`: that, a sweep by hand with one step's graph at a time, `torch.func`, and compiled forms; the fastest is used."""
import os
import shutil
import sys
import tempfile

from protocol import pin, read, serve

threads = pin()
# What inductor compiled for another process must not shorten the first result.
cache = tempfile.mkdtemp(prefix="ufom-bench-inductor-")
os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
if threads == 1:
    os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"

import numpy as np
import torch

import torch_compiled
from torch_problems import functions, prepared

torch.set_num_threads(threads)
best = sys.argv[1:] == ["best"]


def moved(phi, g, rate):
    return torch._foreach_add(list(phi), list(g), alpha=-rate)


def leaves(tensors):
    return [a.detach().requires_grad_() for a in tensors]


def through_graph(case, theta, task):
    """Autograd through the whole inner loop where the gradient is exact; steps that are cut off from each other where it is first-order."""
    start, inner, outer, learned = functions(case)
    exact, rate = case["estimator"] == "exact", case["rate"]
    phi = start(theta, task)
    phi = phi if learned else leaves(phi)
    for _ in range(case["r"]):
        g = torch.autograd.grad(inner(theta, phi, task), phi, create_graph=exact)
        phi = [a - rate * b for a, b in zip(phi, g)] if exact else leaves(moved(phi, g, rate))
    return torch.autograd.grad(outer(phi, task), theta if exact else phi)


def swept(case, theta, task):
    """u <- u - a H u (first-order keeps u) from the last step to the first, and for a theta in the inner loss g <- g - a (mixed part) u."""
    start, inner, outer, learned = functions(case)
    exact, rate = case["estimator"] == "exact", case["rate"]
    phi, states = leaves(start(theta, task)), []
    for _ in range(case["r"]):
        states.append(phi)
        phi = leaves(moved(phi, torch.autograd.grad(inner(theta, phi, task), phi), rate))
    u = torch.autograd.grad(outer(phi, task), phi)
    total = None if learned else [torch.zeros_like(a) for a in theta]
    for state in reversed(states):
        g = torch.autograd.grad(inner(theta, state, task), state, create_graph=True)
        wanted = ([] if learned else list(theta)) + (state if exact else [])
        products = torch.autograd.grad(g, wanted, grad_outputs=u)
        if not learned:
            total = moved(total, products[: len(theta)], rate)
            products = products[len(theta) :]
        if exact:
            u = moved(u, products, rate)
    return u if learned else total


def looped(one, case, theta, data):
    """One task after another, and their mean."""
    theta = leaves(theta)
    count = data[0].shape[0]
    tasks = [[a[t] for a in data] for t in range(count)]

    def run():
        total = None
        for task in tasks:
            g = one(case, theta, task)
            total = g if total is None else torch._foreach_add(total, g)
        return total if count == 1 else torch._foreach_div(total, count)

    return run


def variants(case):
    def numbers():
        theta, data = read(case)
        return [torch.tensor(a) for a in theta], prepared(case, [torch.tensor(a) for a in data])

    def with_threads(n, make):
        def build():
            torch.set_num_threads(n)
            inside = make(*numbers())

            # Another form that was tried later may have left another number.
            def run():
                torch.set_num_threads(n)
                return inside()

            return (run if threads > 1 else inside), inside

        return build

    learned = functions(case)[3]
    exact = case["estimator"] == "exact"
    plain = through_graph if exact or learned else swept
    for n in sorted({1, threads}):
        note = f", {n} threads" if threads > 1 else ""
        yield f"eager{note}", with_threads(n, lambda t, d: looped(plain, case, t, d))
        if best and exact:
            yield f"eager, swept by hand{note}", with_threads(n, lambda t, d: looped(swept, case, t, d))
    if best:
        for name, make in torch_compiled.forms(case):
            yield name, with_threads(threads, make)


def result(rest):
    return np.concatenate([a.detach().numpy().ravel() for a in rest[0]()])


try:
    compiles = torch_compiled.available()
    kind = f"its strongest form{'' if compiles else ' without torch.compile, which was not asked for or finds no C++ compiler'}" if best else "eager"
    serve("PyTorch", {"name": f"PyTorch {torch.__version__}, {kind}", "threads": threads}, lambda case: list(variants(case)), result)
finally:
    shutil.rmtree(cache, ignore_errors=True)
