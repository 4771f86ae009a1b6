import { fail } from "./error.js";
import type { DType, FloatType, Type } from "./types.js";
import { bytesOf, showType } from "./types.js";

let current: FloatType = "float32";

/** The float type that literals, `np.zeros` and `np.float32` stand for in the trace under way. */
export const workingPrecision = (): FloatType => current;

/** Runs `f` with another working precision. */
export function withPrecision<R>(precision: FloatType, f: () => R): R {
  const before = current;
  current = precision;
  try {
    return f();
  } finally {
    current = before;
  }
}

let rounded: Set<string> | undefined;

/** Says that a constant of float64 data was rounded to the working precision. */
export const noteRounded = (type: Type): void => void rounded?.add(showType(type));

/** Runs what traces, and says which constants of float64 data were rounded to float32 in it. */
export function notingRounded<R>(f: () => R): { readonly result: R; readonly constants: readonly string[] } {
  const before = rounded,
    own = (rounded = new Set<string>());
  try {
    return { result: f(), constants: [...own] };
  } finally {
    rounded = before;
  }
}

/** User code says float32 and means the working precision, so that one source traces in both. @throws on anything but a dtype */
export function resolveDType(dtype: DType): DType {
  if (!Object.hasOwn(bytesOf, dtype)) fail("a dtype", `must be ${Object.keys(bytesOf).join(", ")}`, String(dtype));
  return dtype === "float32" ? current : dtype;
}
