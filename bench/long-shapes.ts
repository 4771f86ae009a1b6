import * as np from "../src/tensor/np/index.js";
import { trace } from "../src/tensor/trace.js";
import { grad, jvp, vmap } from "../src/tensor/transform.js";
import * as nn from "../src/tensor/nn.js";
import type { Program } from "../src/program/program.js";
import type { Shape, Type } from "../src/tensor/types.js";
import type { Value } from "../src/tensor/value.js";

const float = (...shape: Shape): Type => ({ shape, dtype: "float32" });
const sum = (values: readonly Value[]): Value => values.reduce((a, b) => a.add(b));
const listOf = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** x ← x + h·sin(θ·x), n times. */
const euler = (theta: Value, x: Value, n: number): Value => {
  let at = x;
  for (let i = 0; i < n; i++) at = at.add(np.sin(theta.mul(at)).mul(0.01));
  return at;
};

/** Programs that grow with a number n in one way each; n counts what is repeated, so that a program has a few operations for each. */
export const shapes: { readonly [name: string]: (n: number) => Program } = {
  "chain of scalars": n => trace((t: Value, x: Value) => euler(t, x, n), [float(), float()]).program,
  "gradient of a chain of scalars": n =>
    trace(
      grad((t: Value, x: Value) => euler(t, x, n)),
      [float(), float()],
    ).program,
  "gradient of a chain of vectors": n =>
    trace(
      grad((t: Value, x: Value) => euler(t, x, n).sum()),
      [float(4), float(4)],
    ).program,
  "tangent of a chain": n => trace((t: Value, x: Value) => jvp((v: Value) => euler(v, x, n), t, t)[1], [float(), float()]).program,
  "chain under vmap": n =>
    trace(
      vmap((t: Value, x: Value) => euler(t, x, n)),
      [float(3), float(3)],
    ).program,
  "gradient of n leaves": n =>
    trace(
      grad((w: Value[]) => sum(w.map((v, i) => np.sin(v.mul(i + 1)).sum()))),
      [listOf(n, () => float(2))],
    ).program,
  "n leaves to n leaves": n => trace((w: Value[]) => w.map(v => v.mul(0.9).add(1)), [listOf(n, () => float(3))]).program,
  "stack of n inputs": n => trace((w: Value[]) => np.stack(w), [listOf(n, () => float())]).program,
  "gradient of a stack of n scalars": n =>
    trace(
      grad((x: Value) => np.square(np.stack(listOf(n, i => np.sin(x.mul(i + 1))))).sum()),
      [float()],
    ).program,
  "MLP of n layers": n =>
    trace(
      grad((w: Value[], x: Value) => {
        let h = x;
        for (const m of w) h = nn.relu(np.matmul(h, m));
        return h.sum();
      }),
      [listOf(n, () => float(4, 4)), float(2, 4)],
    ).program,
  "gradient of n uses of one value": n =>
    trace(
      grad((x: Value) => sum(listOf(n, i => np.sin(x.mul(i + 1)).sum()))),
      [float(8)],
    ).program,
  "gradient of n products with one matrix": n =>
    trace(
      grad((w: Value, x: Value) => {
        let h = x;
        for (let i = 0; i < n; i++) h = np.tanh(np.matmul(h, w));
        return h.sum();
      }),
      [float(8, 8), float(4, 8)],
    ).program,
  "gradient of n rows of one array": n =>
    trace(
      grad((x: Value) =>
        sum(
          listOf(n, i =>
            np
              .sin(x.slice(i))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
      [float(n, 2)],
    ).program,
  "gradient of n takes of one array": n =>
    trace(
      grad((x: Value) =>
        sum(
          listOf(n, i =>
            np
              .sin(np.take(x, i, 0))
              .mul(i + 1)
              .sum(),
          ),
        ),
      ),
      [float(n, 2)],
    ).program,
  "n rows to a stack": n => trace((x: Value) => np.stack(listOf(n, i => np.sin(x.slice(i)).mul(i + 1))), [float(n, 2)]).program,
};
