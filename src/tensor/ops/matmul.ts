import { fail } from "../error.js";
import type { Operation } from "../operation.js";
import { apply } from "../operation.js";
import { allocate, showType, sizeOf } from "../types.js";
import type { Value } from "../value.js";
import { matmul as matrixProduct } from "../np/linear.js";
import { transpose } from "../np/shape.js";
import { align, common, needs, plus } from "./elementwise.js";

/** The last two axes exchanged. */
export const swapped = (x: Value): Value => {
  const n = x.shape.length;
  return transpose(x, [...Array.from({ length: n - 2 }, (_, i) => i), n - 1, n - 2]);
};
const product = (a: Value, b: Value) => apply("matmul", [a, b], {});

export const matmul: Operation<"matmul"> = {
  type([a, b]) {
    needs("matmul", "numbers", t => t.dtype !== "bool", [a, b]);
    const n = a.shape.length,
      lead = (t: { shape: readonly number[] }) => t.shape.slice(0, -2);
    if (n < 2 || b.shape.length !== n || a.shape[n - 1] !== b.shape[n - 2])
      fail("matmul", "takes matrices that fit, [m, k] · [k, n]", `${showType(a)} · ${showType(b)}`);
    common("matmul", [
      { ...a, shape: lead(a), dtype: a.dtype },
      { ...b, shape: lead(b), dtype: b.dtype },
    ]);
    return { shape: [...a.shape.slice(0, -1), b.shape[n - 1]], dtype: a.dtype };
  },
  pullback: ({ inputs: [a, b] }, g) => [product(g, swapped(b)), product(swapped(a), g)],
  pushforward: ({ inputs: [a, b] }, [s, t]) => plus(s && product(s, b), t && product(a, t)),
  batch: (_, operands, batched, size) => {
    // A matrix that all share, on the right, takes the rows of all.
    if (!batched[1] && operands[1].shape.length === 2) return matrixProduct(operands[0], operands[1]);
    const [a, b] = align(operands, batched, size);
    return product(a, b);
  },
  evaluate([a, b], y) {
    const n = y.shape.length,
      [m, p] = [y.shape[n - 2], y.shape[n - 1]],
      k = a.shape[n - 1],
      batch = sizeOf(y.shape.slice(0, -2)),
      out = allocate(y);
    const row = new Float64Array(p);
    for (let z = 0; z < batch; z++)
      for (let i = 0; i < m; i++) {
        row.fill(0);
        for (let l = 0; l < k; l++) {
          const x = a.data[(z * m + i) * k + l],
            from = (z * k + l) * p;
          for (let j = 0; j < p; j++) row[j] += x * b.data[from + j];
        }
        out.set(row, (z * m + i) * p);
      }
    return out;
  },
};
