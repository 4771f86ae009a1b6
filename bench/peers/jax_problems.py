"""The bench's networks in JAX: `functions(case)` gives start, inner and outer loss on lists of leaves, and whether theta is the start."""
import jax
import jax.numpy as jnp
from jax import lax


def entropy(logits, labels):
    return -jnp.sum(jax.nn.log_softmax(logits) * labels, axis=-1)


def mlp(p, x):
    for i in range(0, len(p) - 2, 2):
        x = jax.nn.relu(x @ p[i] + p[i + 1])
    return x @ p[-2] + p[-1]


def layer_norm(x, scale, shift):
    centred = x - jnp.mean(x, -1, keepdims=True)
    return centred / jnp.sqrt(jnp.mean(centred**2, -1, keepdims=True) + 1e-5) * scale + shift


def attention(heads):
    def net(p, x):
        n, tokens, width = x.shape
        depth = width // heads

        def split(h):
            return h.reshape(n, tokens, heads, depth).transpose(0, 2, 1, 3)

        normed = layer_norm(x, p[0], p[1])
        q, k, v = (split(normed @ p[i]) for i in (2, 3, 4))
        weights = jax.nn.softmax(q @ k.transpose(0, 1, 3, 2) / depth**0.5)
        h = x + (weights @ v).transpose(0, 2, 1, 3).reshape(n, tokens, width) @ p[5]
        y = h + mlp(p[8:12], layer_norm(h, p[6], p[7]))
        return jnp.mean(y, 1) @ p[12] + p[13]

    return net


def gru(p, x):
    w, u, b, c, out, shift = p
    units = u.shape[0]
    gates = x @ w + b

    def step(h, g):
        s = h @ u + c
        r = jax.nn.sigmoid(g[:, :units] + s[:, :units])
        z = jax.nn.sigmoid(g[:, units : 2 * units] + s[:, units : 2 * units])
        n = jnp.tanh(g[:, 2 * units :] + r * s[:, 2 * units :])
        return (1 - z) * n + z * h, None

    return lax.scan(step, jnp.zeros((x.shape[1], units), x.dtype), gates)[0] @ out + shift


def conv4(p, x):
    """Images and kernels have their channels last, as JAX's convolutions on CPUs want them."""
    for i in range(0, 16, 4):
        x = lax.conv_general_dilated(x, p[i], (2, 2), ((1, 1), (1, 1)), dimension_numbers=("NHWC", "HWIO", "NHWC")) + p[i + 1]
        centred = x - jnp.mean(x, (0, 1, 2))
        x = jax.nn.relu(centred / jnp.sqrt(jnp.mean(centred**2, (0, 1, 2)) + 1e-5) * p[i + 2] + p[i + 3])
    return x.transpose(0, 3, 1, 2).reshape(x.shape[0], -1) @ p[16] + p[17]


def channels_last(case, theta, data):
    """Numbers as `conv4` wants them, and the way back for a gradient."""
    if case["network"] != "conv4":
        return theta, data, lambda g: g
    kernels = [a.transpose(2, 3, 1, 0) if a.ndim == 4 else a for a in theta]
    images = [a.transpose(0, 1, 3, 4, 2) if a.ndim == 5 else a for a in data]
    return kernels, images, lambda g: [a.transpose(3, 2, 0, 1) if a.ndim == 4 else a for a in g]


def functions(case):
    kind, settings = case["network"], case["settings"]
    if kind in ("hyper-cleaning", "distillation"):
        def start(theta, d):
            return [jnp.zeros((784, 10), jnp.float32), jnp.zeros(10, jnp.float32)]

        if kind == "distillation":
            return (
                start,
                lambda theta, phi, d: jnp.mean(entropy(theta[0] @ phi[0] + phi[1], d[0])),
                lambda phi, d: jnp.mean(entropy(d[1] @ phi[0] + phi[1], d[2])),
                False,
            )
        decay = settings["decay"]
        return (
            start,
            lambda theta, phi, d: jnp.mean(jax.nn.sigmoid(theta[0]) * entropy(d[0] @ phi[0] + phi[1], d[1])) + decay * jnp.sum(phi[0] ** 2),
            lambda phi, d: jnp.mean(entropy(d[2] @ phi[0] + phi[1], d[3])),
            False,
        )
    net = {"mlp": mlp, "gru": gru, "conv4": conv4, "attention": attention(settings.get("heads", 1))}[kind]

    def loss(p, x, y):
        z = net(p, x)
        return jnp.mean((z - y) ** 2) if settings.get("squares") or kind == "gru" else jnp.mean(entropy(z, y))

    return (lambda theta, d: theta), (lambda theta, phi, d: loss(phi, d[0], d[1])), (lambda phi, d: loss(phi, d[2], d[3])), True
