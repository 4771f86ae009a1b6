"""The bench's work in PyTorch, as one writes it by hand (and as `higher` or TorchOpt run it): autograd, create_graph for the exact gradient."""
from protocol import pin, read_cleaning, serve

pin()
import numpy as np
import torch
from torch.nn import functional as F

torch.set_num_threads(1)


def sinusoid(case):
    r, rate, exact = case["r"], case["rate"], case["estimator"] == "exact"
    theta = [torch.tensor(np.array(a, np.float32).reshape(s)).requires_grad_() for a, s in zip(case["theta"], case["shapes"])]
    data = [torch.tensor(np.array(a, np.float32).reshape(case["tasks"], 10, 1)) for a in case["data"]]

    def loss(p, x, y):
        x = F.relu(torch.addmm(p[1], x, p[0]))
        x = F.relu(torch.addmm(p[3], x, p[2]))
        return F.mse_loss(torch.addmm(p[5], x, p[4]), y)

    def one(xs, ys, xq, yq):
        p = theta
        for _ in range(r):
            g = torch.autograd.grad(loss(p, xs, ys), p, create_graph=exact)
            p = [a - rate * b for a, b in zip(p, g)]
            if not exact:
                p = [a.detach().requires_grad_() for a in p]
        return torch.autograd.grad(loss(p, xq, yq), theta if exact else p)

    def run():
        total = None
        for t in range(case["tasks"]):
            g = one(*(a[t] for a in data))
            total = g if total is None else [a + b for a, b in zip(total, g)]
        return [a / case["tasks"] for a in total]
    return run


def cleaning(case):
    r, rate, decay, exact, n = case["r"], case["rate"], case["decay"], case["estimator"] == "exact", case["n"]
    x, y, xc, yc = (torch.tensor(a) for a in read_cleaning(case["file"], n))
    y, yc = y.argmax(-1), yc.argmax(-1)
    theta = torch.zeros(n, requires_grad=True)

    def inner(t, w, b):
        return (torch.sigmoid(t) * F.cross_entropy(torch.addmm(b, x, w), y, reduction="none")).mean() + decay * (w * w).sum()

    def step(t, w, b, graph):
        gw, gb = torch.autograd.grad(inner(t, w, b), [w, b], create_graph=graph)
        return w - rate * gw, b - rate * gb

    def start():
        return torch.zeros(784, 10, requires_grad=True), torch.zeros(10, requires_grad=True)

    def run():
        w, b = start()
        states = []
        for _ in range(r):
            if not exact:
                states.append((w, b))
            w, b = step(theta, w, b, exact)
            if not exact:
                w, b = w.detach().requires_grad_(), b.detach().requires_grad_()
        loss = F.cross_entropy(torch.addmm(b, xc, w), yc)
        if exact:
            return torch.autograd.grad(loss, [theta])
        u = torch.autograd.grad(loss, [w, b])
        total = torch.zeros(n)
        for w, b in states:
            moved = step(theta, w, b, True)
            total += torch.autograd.grad(moved, [theta], grad_outputs=u)[0]
        return [total]
    return run


def make(case):
    run = {"sinusoid": sinusoid, "hyper-cleaning": cleaning}[case["problem"]](case)
    return run, (lambda: torch.cat([a.ravel() for a in run()]).tolist())


serve({"name": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads()}, make)
