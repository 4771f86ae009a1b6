import type * as Jax from "@jax-js/jax";
import type { HostArray } from "../../src/tensor/types.js";

export type JaxArray = Jax.Array;

/**
 * jax-js, evaluated eagerly in float64 on its `cpu` device: an oracle that shares no code with ours.
 *
 * Measured against `Math` there: arithmetic, exp, log, sin, cos and literals are exact to the last bit, tanh, expm1,
 * log1p, softplus and power to 1e-15 relative. Not usable: `erf` (1e-7), and float64 on its `wasm` device. relu, abs and
 * max have derivative 1 at their kinks where ours have 0, 0 and equal shares.
 *
 * An array is consumed by the first use; write `x.ref` for every use but the last.
 */
export interface Oracle {
  readonly np: typeof Jax.numpy;
  readonly nn: typeof Jax.nn;
  readonly lax: typeof Jax.lax;
  readonly random: typeof Jax.random;
  readonly grad: typeof Jax.grad;
  readonly valueAndGrad: typeof Jax.valueAndGrad;
  readonly jvp: typeof Jax.jvp;
  readonly vjp: typeof Jax.vjp;
  readonly vmap: typeof Jax.vmap;
  /** A jax array of the same shape, element type and numbers. */
  toJax(array: HostArray): JaxArray;
  /** The numbers of a jax array, which is consumed. */
  toHost(array: JaxArray): HostArray;
  /** `f` on host arrays. */
  evaluate(f: (...inputs: JaxArray[]) => JaxArray, ...inputs: HostArray[]): HostArray;
}

/** What jax-js takes for granted and Node 20 lacks: `instanceof Float16Array`, and in einsum `map` and `filter` of iterators. */
function fillInForNode20() {
  const globals = globalThis as { Float16Array?: unknown };
  globals.Float16Array ??= class Float16Array {};
  const iterator = Object.getPrototypeOf(Object.getPrototypeOf([].values())) as { map?: unknown; filter?: unknown };
  iterator.map ??= function* map<T, U>(this: Iterable<T>, f: (item: T) => U) {
    for (const item of this) yield f(item);
  };
  iterator.filter ??= function* filter<T>(this: Iterable<T>, keep: (item: T) => boolean) {
    for (const item of this) if (keep(item)) yield item;
  };
}

/** jax-js has no bytes: a bool is given and read as an int32. */
function toHost(array: JaxArray): HostArray {
  const { shape } = array;
  const dtype: string = array.dtype;
  const data = array.dataSync();
  if (dtype === "bool") return { shape, dtype, data: Uint8Array.from(data) };
  if (dtype === "float32" && data instanceof Float32Array) return { shape, dtype, data };
  if (dtype === "float64" && data instanceof Float64Array) return { shape, dtype, data };
  if (dtype === "int32" && data instanceof Int32Array) return { shape, dtype, data };
  throw new Error(`no host array for jax's ${dtype} in a ${data.constructor.name}`);
}

async function start(): Promise<Oracle> {
  fillInForNode20();
  const jax = await import("@jax-js/jax");
  await jax.init("cpu");
  jax.defaultDevice("cpu");
  const { numpy: np, nn, lax, random, grad, valueAndGrad, jvp, vjp, vmap } = jax;
  const toJax = ({ shape, dtype, data }: HostArray) =>
    np.array(data instanceof Uint8Array ? Int32Array.from(data) : data, { shape: [...shape], dtype: dtype as Jax.DType });
  const evaluate: Oracle["evaluate"] = (f, ...inputs) => toHost(f(...inputs.map(toJax)));
  return { np, nn, lax, random, grad, valueAndGrad, jvp, vjp, vmap, toJax, toHost, evaluate };
}

let oracle: Promise<Oracle> | undefined;

/** The oracle; started once in a process. */
export const loadOracle = (): Promise<Oracle> => (oracle ??= start());
