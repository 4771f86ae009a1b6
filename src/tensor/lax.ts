import { fail } from "./error.js";
import { convert, lift, numericDType } from "./np/promote.js";
import { cond } from "./lax/cond.js";
import { fori } from "./lax/fori.js";
import type { ForiOptions } from "./lax/fori.js";
import { scan } from "./lax/scan.js";
import type { ScanMemory, ScanOptions } from "./lax/scan.js";
import { flip, reshape, transpose } from "./np/shape.js";
import { apply } from "./operation.js";
import { checkChannels, spanOf } from "./ops/convolution.js";
import { workingPrecision } from "./precision.js";
import type { KeysOf } from "./options.js";
import { checkOptions } from "./options.js";
import { showType } from "./types.js";
import type { Operand, Value } from "./value.js";

/**
 * Zeros around the spatial axes: as many as make the result ⌈n / stride⌉ long (`SAME`, the odd one behind), none (`VALID`), or
 * [low, high] for each axis, where negative numbers cut.
 */
export type Padding = "SAME" | "VALID" | readonly (readonly [number, number])[];

/** What a convolution may have besides strides and padding. */
export interface ConvOptions {
  /** Distance between neighbours of the kernel, for each spatial axis; absent: 1. */
  readonly dilation?: readonly number[];
  /** Channels and output channels fall into so many groups side by side, each with a kernel of its own; absent: 1. */
  readonly groups?: number;
  /** Distance of neighbours of x, with zeros between them, for each spatial axis; absent: 1. */
  readonly inputDilation?: readonly number[];
}

/** What a transposed convolution may have besides strides and padding. */
export interface ConvTransposeOptions {
  readonly dilation?: readonly number[];
  /** Whether the kernel is that of the convolution whose adjoint this is, [C, O, …]: channels exchanged, spatial axes reversed. */
  readonly transposeKernel?: boolean;
}

const convKeys: KeysOf<ConvOptions> = { dilation: true, groups: true, inputDilation: true },
  transposeKeys: KeysOf<ConvTransposeOptions> = { dilation: true, transposeKernel: true };

/** One number for each spatial axis. @throws on anything else */
function perAxis(who: string, what: string, numbers: readonly number[] | undefined, rank: number): readonly number[] {
  const all = numbers ?? new Array<number>(rank).fill(1);
  const fits = Array.isArray(all) && all.length === rank && all.every(n => Number.isInteger(n) && n >= 1);
  return fits
    ? (all as readonly number[])
    : fail(who, `takes a whole ${what} ≥ 1 for each of ${rank} spatial axes`, JSON.stringify(numbers));
}

/** Operands in one floating point dtype, with as many spatial axes each. */
function operandsOf(who: string, left: Operand, right: Operand): [Value, Value] {
  const common = numericDType(who, [left, right]);
  const dtype = common === "int32" ? workingPrecision() : common;
  const [x, kernel] = [lift(who, left, dtype), lift(who, right, dtype)];
  if (x.ndim < 3 || kernel.ndim !== x.ndim)
    fail(who, "takes x [N, C, …] and a kernel [O, C, …] with as many spatial axes, at least one", `${showType(x)} and ${showType(kernel)}`);
  return [convert(x, dtype), convert(kernel, dtype)];
}

type Pairs = readonly (readonly [number, number])[];

function pairsOf(who: string, padding: Padding, extents: readonly number[], spans: readonly number[], strides: readonly number[]): Pairs {
  if (padding === "VALID") return extents.map(() => [0, 0]);
  if (padding === "SAME")
    return extents.map((n, a) => {
      const total = Math.max((Math.ceil(n / strides[a]) - 1) * strides[a] + spans[a] - n, 0);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  const fits = Array.isArray(padding) && padding.length === extents.length && padding.every(p => Array.isArray(p) && p.length === 2);
  return fits
    ? (padding as Pairs)
    : fail(who, `takes padding "SAME", "VALID" or [low, high] for each of ${extents.length} spatial axes`, JSON.stringify(padding));
}

/**
 * Convolution of a batch of images (in fact correlation: the kernel is not reversed),
 * y[n, o, p] = Σ x[n, i, p·stride + k·dilation − low] · kernel[o, i, k] over the channels i of o's group and the places k of the kernel.
 *
 * @param x [N, C, …], with one spatial axis or more
 * @param kernel [O, C / groups, …]
 * @param strides distance between windows, for each spatial axis
 * @param padding zeros around the spatial axes; they count, so that times an infinite element of the kernel they are NaN
 * @returns [N, O, …]
 * @throws where shapes and parameters do not fit
 */
export function conv(x: Operand, kernel: Operand, strides: readonly number[], padding: Padding, options?: ConvOptions): Value {
  const { groups = 1, dilation: holes, inputDilation } = checkOptions("conv", options, convKeys);
  const [input, w] = operandsOf("conv", x, kernel);
  const rank = input.ndim - 2;
  checkChannels("conv", input, w, groups);
  const steps = perAxis("conv", "stride", strides, rank);
  const dilation = perAxis("conv", "dilation", holes, rank);
  const between = perAxis("conv", "input dilation", inputDilation, rank);
  const spread = input.shape.slice(2).map((n, a) => spanOf(n, between[a]));
  const spans = w.shape.slice(2).map((k, a) => spanOf(k, dilation[a]));
  const pairs = pairsOf("conv", padding, spread, spans, steps);
  const extents = spread.map((n, a) => n + pairs[a][0] + pairs[a][1] - spans[a] + 1);
  const isAdjoint = between.some(d => d > 1) && steps.every(s => s === 1) && [...spread, ...spans, ...extents].every(n => n > 0);
  if (isAdjoint) {
    const around = pairs.map((pair, a): [number, number] => [spans[a] - 1 - pair[0], spans[a] - 1 - pair[1]]);
    const params = { strides: [...between], padding: around, dilation: [...dilation], groups };
    return apply("convInput", [input, turned(w, groups)], params, { shape: [input.shape[0], w.shape[0], ...extents] });
  }
  const params = { strides: [...steps], padding: pairs.map(([l, h]): [number, number] => [l, h]), dilation: [...dilation], groups };
  return apply("conv", [dilated(input, spread, between), w], params);
}

/** The kernel with which the adjoint is a convolution: the channels of each group exchanged, the spatial axes reversed. */
function turned(w: Value, groups: number): Value {
  const [out, channels, ...spatial] = w.shape;
  const apart = reshape(w, [groups, out / groups, channels, ...spatial]);
  const places = spatial.map((_, a) => a + 3);
  return flip(
    reshape(transpose(apart, [0, 2, 1, ...places]), [groups * channels, out / groups, ...spatial]),
    spatial.map((_, a) => a + 2),
  );
}

/** Zeros between the elements of the spatial axes. */
function dilated(x: Value, extents: readonly number[], between: readonly number[]): Value {
  if (between.every(d => d === 1)) return x;
  return apply("pad", [x], { start: x.shape.map(() => 0), stride: [1, 1, ...between] }, { shape: [...x.shape.slice(0, 2), ...extents] });
}

/** Zeros around a dilated input that make a convolution of stride 1 the adjoint of one with `stride`, as JAX counts them. */
function transposedPair(padding: Padding, span: number, stride: number, axis: number): readonly [number, number] {
  const length = span + stride - 2;
  if (padding === "SAME") {
    const low = stride > span - 1 ? span - 1 : Math.ceil(length / 2);
    return [low, length - low];
  }
  if (padding === "VALID") return [span - 1, length + Math.max(span - stride, 0) - (span - 1)];
  return [span - 1 - padding[axis][0], span - 1 - padding[axis][1]];
}

/**
 * Transposed convolution: `conv` with stride 1 of x dilated by the strides, so that the result is about `strides` times as large.
 *
 * @param x [N, C, …]
 * @param kernel [O, C, …], or with `transposeKernel` [C, O, …]
 * @param padding of the convolution whose adjoint this is: `SAME` gives n·stride, `VALID` (n − 1)·stride + span or more
 * @returns [N, O, …]
 * @throws where shapes and parameters do not fit
 */
export function convTranspose(
  x: Operand,
  kernel: Operand,
  strides: readonly number[],
  padding: Padding,
  options?: ConvTransposeOptions,
): Value {
  const { dilation, transposeKernel = false } = checkOptions("convTranspose", options, transposeKeys);
  const [input, given] = operandsOf("convTranspose", x, kernel);
  const rank = input.ndim - 2;
  const spatial = Array.from({ length: rank }, (_, a) => a + 2);
  const w = transposeKernel ? flip(transpose(given, [1, 0, ...spatial]), spatial) : given;
  checkChannels("convTranspose", input, w, 1, [input, given]);
  const between = perAxis("convTranspose", "stride", strides, rank);
  const holes = perAxis("convTranspose", "dilation", dilation, rank);
  const spans = w.shape.slice(2).map((k, a) => spanOf(k, holes[a]));
  // Refuses padding that is none of the three forms.
  pairsOf("convTranspose", padding, input.shape.slice(2), spans, between);
  const around = spans.map((span, a) => transposedPair(padding, span, between[a], a));
  return conv(
    input,
    w,
    spans.map(() => 1),
    around,
    { dilation: holes, inputDilation: between },
  );
}

export { scan, fori, cond };
export type { ForiOptions, ScanMemory, ScanOptions };
