import type { Convolution } from "../../program/program.js";
import type { Shape, Type, TypedArray } from "../types.js";
import { allocate, sizeOf } from "../types.js";
import { stridesOf } from "./strided.js";

/** Places that meet in a convolution: of y, of x and of w, each counted row-major over its spatial axes; `OUTSIDE` is a zero of the padding. */
interface Meetings {
  readonly y: readonly number[];
  readonly x: readonly number[];
  readonly w: readonly number[];
}
/** It stays what it is, whatever the places along other axes add to it. */
const OUTSIDE = -Infinity;

type Axis = { readonly extent: number; readonly stride: number };

/** The places that meet along one axis for each place of the array of `role`, in elements of the arrays. */
function meetingsAlong(role: keyof Meetings, { x, w, y }: Record<keyof Meetings, Axis>, stride: number, dilation: number, low: number) {
  const met: { y: number; x: number; w: number }[] = [];
  const within = (place: number, axis: Axis) => (place >= 0 && place < axis.extent ? place * axis.stride : OUTSIDE);
  for (let k = 0; k < w.extent; k++)
    if (role === "x")
      for (let q = 0; q < x.extent; q++) {
        const p = (q + low - k * dilation) / stride;
        if (Number.isInteger(p)) met.push({ y: within(p, y), x: q * x.stride, w: k * w.stride });
      }
    else for (let p = 0; p < y.extent; p++) met.push({ y: p * y.stride, x: within(p * stride + k * dilation - low, x), w: k * w.stride });
  return met;
}

/**
 * All places that meet where a window of the kernel is put down for each place of y. Zeros around x count as elements of x, and for the array x
 * itself zeros around y as elements of y: times an infinite element of the other array they are NaN.
 */
function meetingsOf(role: keyof Meetings, shapes: Record<keyof Meetings, Shape>, { strides, padding, dilation }: Convolution): Meetings {
  const axes = (array: Shape): Axis[] => stridesOf(array).map((stride, a) => ({ extent: array[a], stride }));
  const [x, w, y] = [axes(shapes.x), axes(shapes.w), axes(shapes.y)];
  let met = [{ y: 0, x: 0, w: 0 }];
  strides.forEach((stride, a) => {
    const along = meetingsAlong(role, { x: x[a], w: w[a], y: y[a] }, stride, dilation[a], padding[a][0]);
    met = met.flatMap(m => along.map(n => ({ y: m.y + n.y, x: m.x + n.x, w: m.w + n.w })));
  });
  return { y: met.map(m => m.y), x: met.map(m => m.x), w: met.map(m => m.w) };
}

const element = (array: TypedArray, first: number, place: number): number => (place === OUTSIDE ? 0 : array[first + place]);

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
  const meetings = meetingsOf(role, spatial, params);
  const [left, right] = (["x", "w", "y"] as const).filter(r => r !== role);
  const [a, b, total] = [data[left], data[right], new Float64Array(sizeOf(types[role].shape))];
  const [atLeft, atRight, at] = [meetings[left], meetings[right], meetings[role]];
  for (let n = 0; n < N; n++)
    for (let g = 0; g < G; g++)
      for (let o = 0; o < O; o++)
        for (let i = 0; i < I; i++) {
          const first = { x: ((n * G + g) * I + i) * X, w: ((g * O + o) * I + i) * W, y: ((n * G + g) * O + o) * Y };
          const [p, q, r] = [first[left], first[right], first[role]];
          for (let m = 0; m < at.length; m++) total[r + at[m]] += element(a, p, atLeft[m]) * element(b, q, atRight[m]);
        }
  const out = allocate(types[role]);
  out.set(total);
  return out;
}
