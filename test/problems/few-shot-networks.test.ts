import { beforeAll, describe, expect, test } from "vitest";
import { evaluate, f64, hypergradient } from "../../src/index.js";
import type { HostArray, HostTree, Value, ValueTree } from "../../src/index.js";
import { stream } from "../../src/core/random/index.js";
import { leaves } from "../../src/core/trees/host-tree.js";
import {
  architectures,
  logits,
  normalized,
  type Architecture,
  type Model,
  type Network,
} from "../../cli/src/problems/few-shot/networks.js";
import { fewShotProblem, type Learner } from "../../cli/src/problems/few-shot/problem.js";
import { drawTask } from "../../cli/src/problems/few-shot/tasks.js";
import { loadOracle, type JaxArray, type Oracle } from "../support/jax.js";
import { patterns } from "./few-shot-classes.js";

const layout = { channels: 1, height: 9, width: 9, ways: 3, filters: 3 };
const of = (model: Model) => architectures[model] as Architecture;
const double = (a: HostArray): HostArray => f64(Float64Array.from(a.data), ...a.shape);
/** A network whose scales and shifts are not ones and zeros. */
function network(model: Model): Network<HostArray> {
  const random = stream(3, "network"),
    made = of(model).init(random, layout),
    shaken = (a: HostArray): HostArray => double({ ...a, data: Float32Array.from(a.data, x => x + 0.3 * (random.next() - 0.5)) });
  return {
    body: made.body.map(layer => Object.fromEntries(Object.entries(layer).map(([k, v]) => [k, shaken(v)]))),
    head: { w: shaken(made.head.w), b: shaken(made.head.b) },
  };
}

/** n images of 9 × 9. */
const images = (n: number): HostArray => double(stream(4, "images").uniform([n, 1, 9, 9]));

let jax: Oracle;
beforeAll(async () => {
  jax = await loadOracle();
});

/** As TensorFlow pads for "same": what is odd goes behind. */
const padded = (n: number, stride: number): [number, number] => {
  const over = Math.max((Math.ceil(n / stride) - 1) * stride + 3 - n, 0);
  return [Math.floor(over / 2), over - Math.floor(over / 2)];
};

/** The two convolutional networks in jax-js, written anew: convolution, batch statistics with ε = 0.001, maxima of 2 × 2. */
function inJax(model: "conv4" | "conv4-pool", { body, head }: Network<JaxArray>, x: JaxArray): JaxArray {
  const { np: jnp, lax } = jax,
    stride = model === "conv4" ? 2 : 1;
  let h = x;
  for (const { kernel, b, scale, shift } of body) {
    const [, , height, width] = h.shape,
      y = lax
        .convGeneralDilated(h, kernel.ref, [stride, stride], [padded(height, stride), padded(width, stride)])
        .add(b.ref.reshape([1, -1, 1, 1]));
    const mean = y.ref.mean([0, 2, 3], { keepdims: true }),
      centred = y.sub(mean),
      variance = jnp.square(centred.ref).mean([0, 2, 3], { keepdims: true }),
      standard = centred
        .div(jnp.sqrt(variance.add(1e-3)))
        .mul(scale.ref.reshape([1, -1, 1, 1]))
        .add(shift.ref.reshape([1, -1, 1, 1]));
    h = jnp.maximum(model === "conv4" ? standard : pooled(standard), 0);
  }
  return jnp.matmul(h.reshape([h.shape[0], -1]), head.w.ref).add(head.b.ref);
}

/** Maxima of 2 × 2, of what there is at the border. */
function pooled(x: JaxArray): JaxArray {
  const { np: jnp } = jax,
    [, , height, width] = x.shape,
    at = (n: number, k: number) =>
      jnp.array(
        Array.from({ length: Math.ceil(n / 2) }, (_, i) => Math.min(2 * i + k, n - 1)),
        { dtype: jnp.int32 },
      );
  const along = (y: JaxArray, axis: number, n: number) => jnp.maximum(jnp.take(y.ref, at(n, 0), axis), jnp.take(y, at(n, 1), axis));
  return along(along(x, 2, height), 3, width);
}

const toJax = (tree: Network<HostArray>): Network<JaxArray> => ({
  body: tree.body.map(layer => Object.fromEntries(Object.entries(layer).map(([k, v]) => [k, jax.toJax(v)]))),
  head: { w: jax.toJax(tree.head.w), b: jax.toJax(tree.head.b) },
});

const close = (a: HostArray, b: HostArray, tolerance: number) => {
  expect(a.shape).toEqual(b.shape);
  const size = Math.max(...Array.from(b.data, Math.abs), 1e-12);
  Array.from(a.data).forEach((x, i) => expect(Math.abs(x - b.data[i])).toBeLessThan(tolerance * size));
};

describe("networks", () => {
  test.each(["conv4", "conv4-pool"] as const)("logits of %s are those of jax-js in float64", async model => {
    const given = network(model),
      x = images(5),
      ours = await evaluate((n: ValueTree, at: Value) => logits(model, n as unknown as Network, at))(given as unknown as HostTree, x);
    close(ours, jax.toHost(inJax(model, toJax(given), jax.toJax(x))), 1e-12);
  });

  test("have as many features as their bodies give, for 28, 32 and 84 pixels", async () => {
    for (const [model, side, features] of [
      ["conv4", 28, 4],
      ["conv4", 32, 4],
      ["conv4-pool", 84, 36],
    ] as const) {
      const { head, body } = of(model).init(stream(1, "theta"), { ...layout, height: side, width: side, filters: 2 });
      expect(head.w.shape).toEqual([2 * features, 3]);
      const found = await evaluate((b: ValueTree, x: Value) => of(model).features(b as unknown as Network["body"], x, 2))(
        body,
        stream(1, "x").uniform([2, 1, side, side]),
      );
      expect(found.shape).toEqual([2, 2 * features]);
    }
  });

  test("Omniglot's has 112,000 parameters and some, as published networks of this kind", () => {
    const theta = of("conv4").init(stream(1, "theta"), { channels: 1, height: 28, width: 28, ways: 5, filters: 64 });
    // 64·9 + 3·64, three times 64·64·9 + 3·64, and 256·5 + 5.
    expect(leaves(theta as unknown as HostTree).reduce((n, { data }) => n + data.length, 0)).toBe(113_221);
  });

  test("begin with Glorot's uniform weights", () => {
    const { body, head } = of("conv4").init(stream(1, "theta"), { channels: 1, height: 28, width: 28, ways: 5, filters: 64 });
    const spread = (a: HostArray) => [Math.max(...a.data), Math.sqrt(Array.from(a.data).reduce((s, x) => s + x * x, 0) / a.data.length)];
    for (const [array, inputs, outputs] of [
      [body[1].kernel, 9 * 64, 9 * 64],
      [head.w, 256, 5],
    ] as const) {
      const bound = Math.sqrt(6 / (inputs + outputs)),
        [largest, deviation] = spread(array);
      expect(largest / bound).toBeGreaterThan(0.99);
      expect(largest).toBeLessThanOrEqual(bound);
      expect(Math.abs(deviation / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.05);
    }
  });

  test("normalize by the first images where that is asked for: then no query image sees another", async () => {
    const x = images(4),
      at = (n: number) => evaluate((scale: Value, shift: Value, y: Value) => normalized({ scale, shift }, y, n))(f64([2]), f64([0.5]), x);
    const [all, some] = [await at(4), await at(3)];
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    for (const [found, n] of [
      [all, 4],
      [some, 3],
    ] as const) {
      const first = Array.from(x.data).slice(0, 81 * n),
        m = mean(first),
        deviation = Math.sqrt(mean(first.map(p => (p - m) ** 2)) + 1e-3);
      close(
        found,
        f64(
          Array.from(x.data, p => (2 * (p - m)) / deviation + 0.5),
          4,
          1,
          9,
          9,
        ),
        1e-12,
      );
    }
  });
});

describe("a step of Conv4 and its hypergradient", () => {
  const learner: Learner = {
    model: "conv4",
    layout: { ...layout, height: 8, width: 8 },
    adapts: "all",
    loss: "sum",
    rate: 0.05,
    optimizer: "sgd",
    beta1: 0,
    learnRates: "none",
    proximal: 0,
    steps: 1,
    sweptClip: 0,
  };

  test("one step's outer loss is that of jax-js, and the exact gradient that of differences of it, in float64", async () => {
    const task = drawTask(stream(1, "task"), patterns(9), { ways: 3, shots: 1, queries: 1, batch: 0, steps: 0 }),
      problem = fewShotProblem(learner, 1, () => task),
      start = network("conv4"),
      { support, query } = task;
    const loss = (net: Network<JaxArray>, { x, y }: typeof support) => {
      const scores = inJax("conv4", net, jax.toJax(double(x))),
        ways = 3,
        own = jax.np.array(
          Array.from(y.data, label => Array.from({ length: ways }, (_, i) => (i === label ? 1 : 0))),
          { dtype: jax.np.float64 },
        );
      return jax.nn.logSoftmax(scores, -1).mul(own).sum().neg();
    };
    const names = start.body.map(layer => Object.keys(layer));
    const pack = (flat: JaxArray[]): Network<JaxArray> => {
      let at = 0;
      const body = names.map(keys => Object.fromEntries(keys.map(key => [key, flat[at++]])));
      return { body, head: { w: flat[at], b: flat[at + 1] } };
    };
    /** L_out(φ₁(θ)) by jax's own gradient. */
    const stepped = (theta: Network<HostArray>): number => {
      const flat = leaves(theta as unknown as HostTree),
        gradients = jax.grad((w: JaxArray[]) => loss(pack(w), support))(flat.map(a => jax.toJax(a)));
      const moved = flat.map((a, i) => jax.toJax(a).sub(gradients[i].mul(0.05)));
      return jax.toHost(loss(pack(moved), query)).data[0];
    };
    const found = await hypergradient(problem, {
      theta: { network: start } as unknown as HostTree,
      task: task as unknown as HostTree,
      dtype: "float64",
      executor: "reference",
    });
    expect(Math.abs(found.loss - stepped(start))).toBeLessThan(1e-10 * found.loss);

    // Along a random direction, by central differences of jax's loss.
    const random = stream(8, "direction"),
      along = leaves(start as unknown as HostTree).map(({ data }) => Array.from(data, () => random.next() - 0.5)),
      h = 1e-6;
    const at = (t: number) => {
      let i = 0;
      const moved = (a: HostArray) => {
        const d = along[i++];
        return f64(
          Float64Array.from(a.data, (x, k) => x + t * d[k]),
          ...a.shape,
        );
      };
      const body = start.body.map(layer => Object.fromEntries(Object.entries(layer).map(([k, v]) => [k, moved(v)])));
      return stepped({ body, head: { w: moved(start.head.w), b: moved(start.head.b) } });
    };
    const slope = (at(h) - at(-h)) / (2 * h),
      gradient = leaves((found.gradient as unknown as { network: HostTree }).network),
      ours = gradient.reduce((sum, { data }, i) => sum + Array.from(data).reduce((s, g, k) => s + g * along[i][k], 0), 0);
    expect(Math.abs(ours - slope)).toBeLessThan(1e-5 * Math.max(1, Math.abs(slope)));
  });
});
