"""The bench's work in JAX, jitted: an inner loop that is scanned or unrolled, an exact gradient through it or swept by hand; the fastest is used."""
import os

from protocol import pin, read, serve

os.environ.setdefault("JAX_PLATFORMS", "cpu")
threads = pin()
if threads == 1:
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jax_problems import channels_last, functions


def add(a, b, scale=1.0):
    return jax.tree_util.tree_map(lambda x, y: x + scale * y, a, b)


def walk(step, start, r, unrolled):
    """The last state, and all before it stacked."""
    if unrolled:
        states = []
        for _ in range(r):
            states.append(start)
            start = step(start)
        return start, states
    return lax.scan(lambda x, _: (step(x), x), start, None, length=r)


def back(visit, carry, states, unrolled):
    """From the last state to the first."""
    if unrolled:
        for state in reversed(states):
            carry = visit(carry, state)
        return carry
    return lax.scan(lambda c, s: (visit(c, s), None), carry, states, reverse=True)[0]


def one_task(case, unrolled, swept, with_loss=False):
    """Loss and gradient of one task, as a function of theta and a task."""
    start, inner, outer, learned = functions(case)
    r, rate, exact = case["r"], case["rate"], case["estimator"] == "exact"

    def step(theta, phi, d):
        return add(phi, jax.grad(inner, 1)(theta, phi, d), -rate)

    def last(theta, d):
        return walk(lambda phi: step(theta, phi, d), start(theta, d), r, unrolled)

    def through(theta, d):
        return jax.value_and_grad(lambda t: outer(last(t, d)[0], d))(theta)

    def first_order(theta, d):
        return jax.value_and_grad(outer)(last(theta, d)[0], d)

    def by_hand(theta, d):
        """u <- u - a H u, and for a theta in the inner loss g <- g - a (mixed part) u; first-order keeps u."""
        phi, states = last(theta, d)
        loss, u = jax.value_and_grad(outer)(phi, d)

        def visit(carry, state):
            u, g = carry
            if learned:
                h = jax.jvp(lambda p: jax.grad(inner, 1)(theta, p, d), (state,), (u,))[1]
                return add(u, h, -rate), g
            mixed, h = jax.jvp(lambda p: jax.grad(inner, (0, 1))(theta, p, d), (state,), (u,))[1]
            return (add(u, h, -rate) if exact else u), add(g, mixed, -rate)

        u, g = back(visit, (u, [] if learned else [jnp.zeros_like(a) for a in theta]), states, unrolled)
        return loss, (u if learned else g)

    one = by_hand if swept or not (exact or learned) else through if exact else first_order
    return one if with_loss else lambda theta, d: one(theta, d)[1]


def forms(case):
    """(name, unrolled, swept, how tasks are gone through)."""
    exact, tasks, r = case["estimator"] == "exact", case["tasks"], case["r"]
    # Unrolling long loops or large steps costs minutes of compilation and gains nothing.
    small = case["network"] == "mlp" and sum(int(np.prod(s)) for s in case["theta"]) < 10_000 and r <= 10
    learned = functions(case)[3]
    over = ["vmap"] if tasks == 1 or case["network"] == "mlp" else ["loop"]
    for unrolled in [False] + ([True] if small else []):
        for swept in [False, True] if exact else [not learned]:
            for tasks_by in over:
                name = ("unrolled" if unrolled else "scanned") + (", swept by hand" if swept else "")
                yield name, unrolled, swept, tasks_by


def over_tasks(one, data, tasks_by):
    """The mean over tasks, of which convolutions go through one after another: batched they become grouped ones, which are slow."""
    count = data[0].shape[0]
    if count == 1:
        return lambda theta, d: one(theta, [a[0] for a in d])
    mean = lambda tree: jax.tree_util.tree_map(lambda a: jnp.mean(a, axis=0), tree)
    if tasks_by == "vmap":
        return lambda theta, d: mean(jax.vmap(one, in_axes=(None, 0))(theta, d))
    return lambda theta, d: mean(lax.map(lambda t: one(theta, t), d))


def gradient(case, unrolled, swept, tasks_by):
    theta, data, restore = channels_last(case, *read(case))
    f = jax.jit(over_tasks(one_task(case, unrolled, swept), data, tasks_by))
    p, d = [jnp.asarray(a) for a in theta], [jnp.asarray(a) for a in data]
    return (lambda: jax.block_until_ready(f(p, d))), (lambda: restore([np.asarray(a) for a in f(p, d)]))


def outer_loop(case, unrolled, swept, tasks_by):
    """Outer steps of Adam: a jitted one whose loss is waited for, or many in one scan."""
    rate, b1, b2, eps = 1e-5, 0.9, 0.999, 1e-8
    rows = case["settings"].get("rows", 200)
    theta, data, _ = channels_last(case, *read(case))
    f = over_tasks(one_task(case, unrolled, swept, True), data, tasks_by)
    p, d = [jnp.asarray(a) for a in theta], [jnp.asarray(a) for a in data]

    def step(carry, d):
        p, m, v, k = carry
        loss, g = f(p, d)
        k = k + 1
        m = [b1 * a + (1 - b1) * b for a, b in zip(m, g)]
        v = [b2 * a + (1 - b2) * b * b for a, b in zip(v, g)]
        p = [a - rate * (x / (1 - b1**k)) / (jnp.sqrt(y / (1 - b2**k)) + eps) for a, x, y in zip(p, m, v)]
        return (p, m, v, k), loss

    state = [(p, [jnp.zeros_like(a) for a in p], [jnp.zeros_like(a) for a in p], jnp.float32(0))]
    scanned = case["mode"] == "row"
    whole = jax.jit((lambda c, d: lax.scan(lambda c, _: step(c, d), c, None, length=rows)) if scanned else step)

    def run():
        state[0], loss = jax.block_until_ready(whole(state[0], d))
        return loss

    return run, (lambda: []), rows if scanned else 1


def variants(case):
    build = outer_loop if case.get("mode") else gradient
    return [(form[0], lambda form=form: build(case, *form[1:])) for form in forms(case)]


def result(rest):
    leaves = rest[0]()
    return np.concatenate([np.asarray(a, np.float32).ravel() for a in leaves]) if leaves else np.zeros(0, np.float32)


serve("JAX", {"name": f"JAX {jax.__version__} jit", "threads": threads}, variants, result)
