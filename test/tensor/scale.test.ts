import { describe, expect, it } from "vitest";
import { f64 } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import { trace } from "../../src/tensor/trace.js";
import { grad, jvp, vmap } from "../../src/tensor/transform.js";
import type { Value } from "../../src/tensor/value.js";
import { countedWork } from "../support/counted-work.js";
import { float, numbers } from "./evaluate.js";

/** A function of n operations. */
const long = (n: number) => (x: Value) => {
  let y = x;
  for (let i = 0; i < n; i += 4) y = np.sin(y.mul(0.9)).add(x).sub(0.1);
  return y.sum();
};
const product = (n: number) => (x: Value, v: Value) => jvp(grad(long(n)), x, v)[1];
const overForward = (n: number) => (x: Value, v: Value) => grad((z: Value) => jvp(long(n), z, v)[1])(x);

/** Nodes of a trace, and the work of making it. */
async function measure(f: (x: Value, v: Value) => Value): Promise<{ nodes: number; work: number }> {
  let nodes = 0;
  const work = await countedWork(() => (nodes = trace(f, [float(8), float(8)]).program.nodes.length));
  return { nodes, work };
}

describe("tracing", () => {
  it.each([
    ["jvp of grad", product],
    ["grad of jvp", overForward],
  ] as const)("a function of 32,000 operations with its %s takes 32 times the work and nodes of one of 1,000", async (_, of) => {
    const [small, large] = [await measure(of(1_000)), await measure(of(32_000))];
    expect(large.nodes / small.nodes).toBeLessThan(32.1);
    expect(large.work / small.work).toBeLessThan(32.1);
  });

  it("does not grow with the order in which gradients are taken of independent parts", () => {
    const sum = (n: number) => (x: Value) =>
      Array.from({ length: n }, (_, i) => grad((y: Value) => np.sin(y.mul(i + 1)).sum())(x)).reduce((a, b) => a.add(b));
    const [small, large] = [10, 100].map(n => trace(sum(n), [float(3)]).program.nodes.length);
    expect(large / small).toBeLessThan(10.5);
  });
});

describe("graphs of 10,000 operations in a row", () => {
  const chain = (x: Value) => {
    let y = x;
    for (let i = 0; i < 10_000; i++) y = y.add(1 / 10_000);
    return y.mul(y).sum();
  };
  const x = f64([1, 2]);

  it("are traced, differentiated forward, backward and twice, mapped and evaluated", () => {
    const close = (found: number[], expected: number[]) => found.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 9));
    close(numbers(chain, [x]), [13]);
    close(numbers(grad(chain), [x]), [4, 6]);
    close(
      numbers((v: Value) => jvp(chain, v, np.onesLike(v))[1], [x]),
      [10],
    );
    close(
      numbers((v: Value) => jvp(grad(chain), v, np.onesLike(v))[1], [x]),
      [2, 2],
    );
    close(
      numbers((v: Value) => vmap(chain)(v), [x]),
      [4, 9],
    );
    close(
      numbers((v: Value) => grad((u: Value) => vmap(chain)(u).sum())(v), [x]),
      [4, 6],
    );
  });

  it("and a value with 10,000 uses", () => {
    const wide = (v: Value) => np.stack(Array.from({ length: 10_000 }, () => v.mul(v))).sum();
    expect(numbers(grad(wide), [f64([1])])).toEqual([20_000]);
  });
});
