import type { Program } from "../../program/program.js";
import { flopsPerElement, mergesOf } from "../../program/traits.js";
import { sizeOf } from "../../tensor/types.js";
import { compile } from "./compile.js";
import { storedBytes } from "./emit/instructions.js";
import type { Solve, Tensor } from "../../compiler/graph/tensor.js";
import { isLeaf, storageOf } from "../../compiler/graph/tensor.js";
import { keyOf } from "../../compiler/graph/view.js";
import { computedBy } from "../../compiler/schedule/kernel.js";
import type { Kernel } from "../../compiler/schedule/kernel.js";
import type { MemoryPlan } from "../../compiler/schedule/plan.js";

/** One loop nest of a program's code. */
export interface KernelDescription {
  /** `map`, `reduce`, `dot`, `move` or `solve`. */
  readonly kind: Kernel["kind"];
  readonly ops: readonly string[];
  /** Of the result, without axes of extent 1. */
  readonly shape: readonly number[];
  /** Arithmetic operations: an elementary function counts as 10, a product [m, k] · [k, n] as 2mkn. */
  readonly flops: number;
  /** Bytes of the arrays that are read from memory and written there. */
  readonly bytes: number;
}

/** What a program becomes. */
export interface ProgramDescription {
  readonly kernels: readonly KernelDescription[];
  /** Memory that a call uses besides its inputs and outputs, and that its constants take up. */
  readonly scratchBytes: number;
  readonly constantBytes: number;
  readonly moduleBytes: number;
}

/** Describes the code that the wasm executor makes of a program. */
export function describe(program: Program): ProgramDescription {
  const { schedule, bytes, scratchBytes, constants } = compile(program);
  return {
    kernels: schedule.kernels.map(kernel => describeKernel(kernel, schedule.plan)),
    scratchBytes,
    constantBytes: constants.length,
    moduleBytes: bytes.length,
  };
}

function describeKernel(kernel: Kernel, plan: MemoryPlan): KernelDescription {
  const computed = computedBy(kernel);
  return {
    kind: kernel.kind,
    ops: computed.map(t =>
      t.kind === "map" ? t.op : t.kind === "reduce" ? t.how : t.kind === "dot" ? "matmul" : t.kind === "solve" ? t.method : t.kind,
    ),
    shape: kernel.shape,
    flops: computed.reduce((sum, t) => sum + flopsOf(t), 0),
    bytes: trafficOf(computed, plan),
  };
}

function flopsOf(t: Tensor): number {
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
function trafficOf(computed: readonly Tensor[], plan: MemoryPlan): number {
  const read = new Map(
    computed
      .flatMap(t => t.operands)
      .filter(v => v.tensor.kind !== "literal" && !computed.includes(v.tensor))
      .map(v => [keyOf(v), sizeOf(v.shape.filter((_, i) => v.axes[i] !== null)) * storedBytes[v.tensor.dtype]]),
  );
  const written = computed.filter(t => plan.stored.has(storageOf(t)) && !isLeaf(t)).map(t => sizeOf(t.shape) * storedBytes[t.dtype]);
  return [...read.values(), ...written].reduce((sum, n) => sum + n, 0);
}
