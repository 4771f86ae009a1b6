import { storedBytes } from "../emit/instructions.js";
import type { Solve } from "../../../compiler/graph/tensor.js";
import { blockingFor, panelBytes } from "./blocking.js";
import type { Kernel } from "../../../compiler/schedule/kernel.js";

/** Bytes of a row that a solver works on, which is padded to whole vectors. */
export function rowBytes({ method, n, columns, dtype }: Solve): number {
  const padded = (elements: number) => 16 * Math.ceil((elements * storedBytes[dtype]) / 16);
  return method === "elimination" ? padded(n) + padded(columns) : padded(columns);
}

/** Bytes of memory that a kernel uses while it runs, besides what it reads and writes. */
export function workspaceBytes(kernel: Kernel): number {
  if (kernel.kind === "move" && kernel.root.kind === "sort") return kernel.root.n * storedBytes.int32;
  if (kernel.kind === "solve") return kernel.root.n * rowBytes(kernel.root);
  const blocking = kernel.kind === "dot" ? blockingFor(kernel.root) : null;
  return blocking?.kind === "panels" && blocking.panel ? panelBytes(blocking) : 0;
}
