import { flopsPerElement, mergesOf } from "../program/traits.js";
import { sizeOf } from "../tensor/types.js";
import type { Solve, Tensor } from "./graph/tensor.js";
import { isLeaf, storageOf } from "./graph/tensor.js";
import { keyOf } from "./graph/view.js";
import { computedBy, partsOf } from "./schedule/kernel.js";
import type { Kernel } from "./schedule/kernel.js";
import type { MemoryPlan } from "./schedule/memory-plan.js";
import type { Schedule } from "./schedule/schedule.js";
import type { Target } from "./target.js";

/** One loop nest of a program's code. */
export interface KernelDescription {
  /** `map`, `reduce`, `dot`, `move`, `solve` or `loop`; `rows` are several that take turns on blocks of rows. */
  readonly kind: Kernel["kind"];
  readonly ops: readonly string[];
  /** Of the result, without axes of extent 1. */
  readonly shape: readonly number[];
  /** Arithmetic operations: an elementary function counts as 10, a product [m, k] · [k, n] as 2mkn. */
  readonly flops: number;
  /** Bytes of the arrays that are read from memory and written there. */
  readonly bytes: number;
  /** Whether a library of the machine computes its product, or products of its parts. */
  readonly library?: true;
}

/** Describes the kernels of a schedule. */
export const describeKernels = ({ kernels, plan }: Schedule, target: Target): KernelDescription[] =>
  kernels.map(kernel => describeKernel(kernel, plan, target));

function describeKernel(kernel: Kernel, plan: MemoryPlan, target: Target): KernelDescription {
  const computed = computedBy(kernel);
  return {
    kind: kernel.kind,
    ops: computed.map(t =>
      t.kind === "map"
        ? t.op
        : t.kind === "reduce"
          ? t.how
          : t.kind === "dot"
            ? "matmul"
            : t.kind === "solve"
              ? t.method
              : t.kind === "loop"
                ? t.loop.name
                : t.kind,
    ),
    shape: kernel.shape,
    flops: computed.reduce((sum, t) => sum + flopsOf(t, computed[0]), 0),
    bytes: trafficOf(computed, plan, target),
    ...(partsOf(kernel).some(part => part.kind === "dot" && part.root.form === "library") ? { library: true } : {}),
  };
}

function flopsOf(t: Tensor, first: Tensor): number {
  const size = sizeOf(t.shape);
  switch (t.kind) {
    case "map":
      return t.op === "copy" ? 0 : size * flopsPerElement(t.op);
    case "reduce":
      return size * sizeOf(t.reduced);
    case "dot":
      return 2 * size * t.contracted.reduce((sum, axes) => sum + sizeOf(axes), 0);
    case "scatter":
      return sizeOf(t.operands[0].shape);
    case "solve":
      return solverFlops(t);
    case "loop":
      return t === first ? t.loop.flops : 0;
    case "sort":
      return size * mergesOf(t.n);
    default:
      return 0;
  }
}

function solverFlops({ method, count, n, columns }: Solve): number {
  if (method === "cholesky") return (count * n ** 3) / 3;
  return count * n * n * (method === "substitution" ? columns : (2 / 3) * n + 2 * columns);
}

/** Each array that comes from elsewhere once for each way of reading it, and each that is stored. */
function trafficOf(computed: readonly Tensor[], plan: MemoryPlan, { bytes }: Target): number {
  const read = new Map(
    computed
      .flatMap(t => t.operands)
      .filter(v => v.tensor.kind !== "literal" && !computed.includes(v.tensor))
      .map(v => [keyOf(v), sizeOf(v.shape.filter((_, i) => v.axes[i] !== null)) * bytes[v.tensor.dtype]]),
  );
  const written = computed.filter(t => plan.stored.has(storageOf(t)) && !isLeaf(t)).map(t => sizeOf(t.shape) * bytes[t.dtype]);
  return [...read.values(), ...written].reduce((sum, n) => sum + n, 0);
}
