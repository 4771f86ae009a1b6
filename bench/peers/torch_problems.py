"""The bench's networks in PyTorch: `functions(case)` gives start, inner and outer loss on lists of leaves, and whether theta is the start."""
import torch
from torch.nn import functional as F


def mlp(p, x):
    for i in range(0, len(p) - 2, 2):
        x = torch.relu(F.linear(x, p[i].mT, p[i + 1]))
    return F.linear(x, p[-2].mT, p[-1])


def attention(heads):
    def net(p, x):
        n, tokens, width = x.shape
        depth = width // heads

        def split(h):
            return h.reshape(n, tokens, heads, depth).transpose(1, 2)

        normed = F.layer_norm(x, (width,), p[0], p[1])
        q, k, v = (split(normed @ p[i]) for i in (2, 3, 4))
        weights = torch.softmax(q @ k.mT / depth**0.5, -1)
        h = x + (weights @ v).transpose(1, 2).reshape(n, tokens, width) @ p[5]
        y = h + mlp(p[8:12], F.layer_norm(h, (width,), p[6], p[7]))
        return F.linear(y.mean(1), p[12].mT, p[13])

    return net


def gru(p, x):
    w, u, b, c, out, shift = p
    units = u.shape[0]
    gates = F.linear(x, w.mT, b)
    h = x.new_zeros(x.shape[1], units)
    for g in gates.unbind(0):
        s = F.linear(h, u.mT, c)
        r, z = torch.sigmoid(g[:, : 2 * units] + s[:, : 2 * units]).chunk(2, -1)
        n = torch.tanh(g[:, 2 * units :] + r * s[:, 2 * units :])
        h = n + z * (h - n)
    return F.linear(h, out.mT, shift)


def conv4(p, x):
    for i in range(0, 16, 4):
        x = F.conv2d(x, p[i], p[i + 1], stride=2, padding=1)
        x = torch.relu(F.batch_norm(x, None, None, p[i + 2], p[i + 3], training=True))
    return F.linear(x.flatten(1), p[16].mT, p[17])


def prepared(case, data):
    """Labels as class numbers, which cross entropies take fastest."""
    if case["network"] in ("gru",) or case["settings"].get("squares"):
        return data
    labels = {"distillation": (0, 2)}.get(case["network"], (1, 3))
    return [a.argmax(-1) if i in labels else a for i, a in enumerate(data)]


def squares(a, b):
    return ((a - b) ** 2).mean()


def functions(case, forward_mode=False):
    """Under forward mode mse_loss has no derivative of its derivative."""
    kind, settings = case["network"], case["settings"]
    if kind in ("hyper-cleaning", "distillation"):
        def start(theta, d):
            return [torch.zeros(784, 10), torch.zeros(10)]

        def logits(phi, x):
            return F.linear(x, phi[0].mT, phi[1])

        if kind == "distillation":
            return (
                start,
                lambda theta, phi, d: F.cross_entropy(logits(phi, theta[0]), d[0]),
                lambda phi, d: F.cross_entropy(logits(phi, d[1]), d[2]),
                False,
            )
        decay = settings["decay"]

        def inner(theta, phi, d):
            losses = F.cross_entropy(logits(phi, d[0]), d[1], reduction="none")
            return (torch.sigmoid(theta[0]) * losses).mean() + decay * (phi[0] * phi[0]).sum()

        return start, inner, (lambda phi, d: F.cross_entropy(logits(phi, d[2]), d[3])), False
    net = {"mlp": mlp, "gru": gru, "conv4": conv4, "attention": attention(settings.get("heads", 1))}[kind]
    measure = (squares if forward_mode else F.mse_loss) if settings.get("squares") or kind == "gru" else F.cross_entropy
    return (
        (lambda theta, d: theta),
        (lambda theta, phi, d: measure(net(phi, d[0]), d[1])),
        (lambda phi, d: measure(net(phi, d[2]), d[3])),
        True,
    )
