import type { Convolution } from "../../program/program.js";
import type { Shape, Type, TypedArray } from "../types.js";
import { allocate, sizeOf } from "../types.js";
import { stridesOf } from "./strided.js";

/** Places that meet in a convolution: of y, of x and of w, each counted row-major over its spatial axes. */
interface Meetings {
  readonly y: readonly number[];
  readonly x: readonly number[];
  readonly w: readonly number[];
}

/** All places where a window of the kernel, put down for a place of y, lies inside x. */
function meetingsOf(x: Shape, w: Shape, y: Shape, { strides, padding, dilation }: Convolution): Meetings {
  const [sx, sw, sy] = [x, w, y].map(stridesOf);
  let met: { y: number; x: number; w: number }[] = [{ y: 0, x: 0, w: 0 }];
  for (let a = 0; a < y.length; a++) {
    const along: typeof met = [];
    for (let p = 0; p < y[a]; p++) {
      for (let k = 0; k < w[a]; k++) {
        const at = p * strides[a] + k * dilation[a] - padding[a][0];
        if (at >= 0 && at < x[a]) along.push({ y: p * sy[a], x: at * sx[a], w: k * sw[a] });
      }
    }
    met = met.flatMap(m => along.map(n => ({ y: m.y + n.y, x: m.x + n.x, w: m.w + n.w })));
  }
  return { y: met.map(m => m.y), x: met.map(m => m.x), w: met.map(m => m.w) };
}

/**
 * Evaluates a derivative of the trilinear form Σ y·x·w by plain loops: adds into the array of `role` the products of the two
 * others' elements, in float64, and rounds once.
 */
export function correlate(
  role: keyof Meetings,
  data: Readonly<Record<keyof Meetings, TypedArray>>,
  types: Readonly<Record<keyof Meetings, Type>>,
  { N, G, O, I }: { readonly N: number; readonly G: number; readonly O: number; readonly I: number },
  params: Convolution,
): TypedArray {
  const spatial = { x: types.x.shape.slice(2), w: types.w.shape.slice(2), y: types.y.shape.slice(2) };
  const [X, W, Y] = [spatial.x, spatial.w, spatial.y].map(sizeOf);
  const meetings = meetingsOf(spatial.x, spatial.w, spatial.y, params);
  const [left, right] = (["x", "w", "y"] as const).filter(r => r !== role);
  const [a, b, total] = [data[left], data[right], new Float64Array(sizeOf(types[role].shape))];
  const [atLeft, atRight, at] = [meetings[left], meetings[right], meetings[role]];
  for (let n = 0; n < N; n++)
    for (let g = 0; g < G; g++)
      for (let o = 0; o < O; o++)
        for (let i = 0; i < I; i++) {
          const first = { x: ((n * G + g) * I + i) * X, w: ((g * O + o) * I + i) * W, y: ((n * G + g) * O + o) * Y };
          const [p, q, r] = [first[left], first[right], first[role]];
          for (let m = 0; m < at.length; m++) total[r + at[m]] += a[p + atLeft[m]] * b[q + atRight[m]];
        }
  const out = allocate(types[role]);
  out.set(total);
  return out;
}
