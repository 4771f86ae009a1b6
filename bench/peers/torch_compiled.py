"""PyTorch's functional and compiled forms: vmap over tasks, torch.compile of the whole gradient where that is short, else of a step and of a product."""
import math
import os
import shutil

import torch
from torch.func import grad, jvp, vmap
from torch.fx.experimental.proxy_tensor import make_fx

from torch_problems import functions


def available():
    """Inductor writes C++."""
    return not os.environ.get("UFOM_BENCH_NO_COMPILE") and (shutil.which("g++") is not None or shutil.which("clang++") is not None)


def one_task(case):
    """The exact or first-order gradient of one task as one function, derivative through the loop."""
    start, inner, outer, learned = functions(case, True)
    rate, exact = case["rate"], case["estimator"] == "exact"

    def last(theta, d):
        phi = start(theta, d)
        for _ in range(case["r"]):
            phi = [a - rate * b for a, b in zip(phi, grad(inner, 1)(theta, phi, d))]
        return phi

    if exact:
        return grad(lambda theta, d: outer(last(theta, d), d))
    return lambda theta, d: grad(outer)(last(theta, d), d)


def compiled(f, *lists):
    """Traces a function of lists of tensors to its operations and compiles them with inductor."""
    ends = [0]
    for given in lists:
        ends.append(ends[-1] + len(given))
    # The tracer tells tensors apart by identity, and a start is theta itself.
    flat = [a.clone() for given in lists for a in given]

    def unpacked(*leaves):
        return tuple(f(*[list(leaves[a:b]) for a, b in zip(ends, ends[1:])]))

    with torch.no_grad():
        return torch._inductor.compile(make_fx(unpacked)(*flat), flat)


def whole(case, theta, data):
    """torch.compile of the mean of vmap(grad)."""
    one, count = one_task(case), data[0].shape[0]

    def mean(theta, d):
        if count == 1:
            return one(theta, [a[0] for a in d])
        return [a.mean(0) for a in vmap(one, in_dims=(None, 0))(theta, d)]

    f = torch.compile(mean, dynamic=False)

    def run():
        with torch.no_grad():
            return f(theta, data)

    return run


def functional(case, theta, data):
    """The same, eager."""
    one = vmap(one_task(case), in_dims=(None, 0))
    return lambda: [a.mean(0) for a in one(theta, data)]


def by_steps(case, theta, data):
    """A compiled step, outer gradient and product (the derivative of the gradient in the direction u), called in turn; all tasks at once."""
    start, inner, outer, learned = functions(case, True)
    rate, exact, count = case["rate"], case["estimator"] == "exact", data[0].shape[0]

    def step(theta, phi, d):
        return [a - rate * b for a, b in zip(phi, grad(inner, 1)(theta, phi, d))]

    def last(theta, phi, d):
        return grad(outer)(phi, d)

    def product(theta, phi, d, u):
        if learned:
            h = jvp(lambda p: grad(inner, 1)(theta, p, d), (phi,), (u,))[1]
            return [a - rate * b for a, b in zip(u, h)]
        mixed, h = jvp(lambda p: grad(inner, (0, 1))(theta, p, d), (phi,), (u,))[1]
        return [-rate * b for b in mixed] + [a - rate * b for a, b in zip(u, h)]

    each = lambda f, dims: vmap(f, in_dims=dims) if count > 1 else f
    d = data if count > 1 else [a[0] for a in data]
    phi = start(theta, d)
    if count > 1:
        phi = [a.expand(count, *a.shape).contiguous() for a in phi]
    makes = lambda f, dims, *lists: compiled(each(f, dims), *lists)
    step_f = makes(step, (None, 0, 0), theta, phi, d)
    last_f = makes(last, (None, 0, 0), theta, phi, d)
    back = exact or not learned
    product_f = makes(product, (None, 0, 0, 0), theta, phi, d, phi) if back else None
    n = len(theta)

    def run():
        with torch.no_grad():
            x, states = phi, []
            for _ in range(case["r"]):
                if back:
                    states.append(x)
                x = step_f(*theta, *x, *d)
            u = last_f(*theta, *x, *d)
            total = None
            for state in reversed(states):
                out = product_f(*theta, *state, *d, *u)
                if learned:
                    u = out
                    continue
                total = out[:n] if total is None else torch._foreach_add(list(total), list(out[:n]))
                u = out[n:] if exact else u
            g = u if learned else total
            return [a.mean(0) for a in g] if count > 1 else list(g)

    return run


def forms(case):
    """The forms that are worth their compilation: the whole gradient costs seconds a step, so that only short loops of small networks get it."""
    count, r = (case.get("part") or [0, case["tasks"]])[1], case["r"]
    small = case["network"] == "mlp" and sum(math.prod(s) for s in case["theta"]) < 10_000
    if count > 1 and case["network"] == "mlp":
        yield "torch.func, vmap over tasks", lambda t, d: functional(case, t, d)
    if not available():
        return
    long = case["network"] == "gru" and case["data"][0][0] > 25
    if not long and (count == 1 or case["network"] == "mlp"):
        yield "compiled step and product" + (", vmap" if count > 1 else ""), lambda t, d: by_steps(case, t, d)
    if small and not os.environ.get("UFOM_BENCH_QUICK") and r <= (10 if count <= 25 else 1):
        yield "torch.compile(vmap(grad))" if count > 1 else "torch.compile(grad)", lambda t, d: whole(case, t, d)
