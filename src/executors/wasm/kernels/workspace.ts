import { storedBytes } from "../emit/instructions.js";
import type { Dot, Scatter, Solve, Tensor } from "../../../compiler/graph/tensor.js";
import { sizeOf } from "../../../tensor/types.js";
import { blockingFor, keepsLost, panelBytes } from "./blocking.js";
import { LONG } from "./long-sums.js";
import { totalsBytes } from "./reduce-vertical.js";
import type { Kernel } from "../../../compiler/schedule/kernel.js";

/** Bytes of a row that a solver works on, which is padded to whole vectors. */
export function rowBytes({ method, n, columns, dtype }: Solve): number {
  const padded = (elements: number) => 16 * Math.ceil((elements * storedBytes[dtype]) / 16);
  return method === "elimination" ? padded(n) + padded(columns) : padded(columns);
}

/** Bytes of memory that a kernel uses while it runs, besides what it reads and writes. */
export function workspaceBytes(kernel: Kernel): number {
  if (kernel.kind === "move" && kernel.root.kind === "sort") return kernel.root.n * storedBytes.int32;
  if (kernel.kind === "reduce") return totalsBytes(kernel);
  if (kernel.kind === "solve") return kernel.root.n * rowBytes(kernel.root);
  if (kernel.kind === "move" && kernel.root.kind === "scatter") return scatterKeepsLost(kernel.root) ? arrayBytes(kernel.root) : 0;
  return kernel.kind === "dot" ? lostOffset(kernel.root) + (keepsLost(kernel.root) ? arrayBytes(kernel.root) : 0) : 0;
}

/** Bytes of an array, to the end of its last vector. */
export const arrayBytes = ({ shape, dtype }: Tensor): number => 16 * Math.ceil((sizeOf(shape) * storedBytes[dtype]) / 16);

/** Where in a product's workspace what is lost of its result lies: behind the panel. */
export function lostOffset(root: Dot): number {
  const blocking = blockingFor(root);
  return blocking?.kind === "panels" && blocking.panel ? panelBytes(blocking) : 0;
}

/** Whether so many rows are added by their indices that what rounding takes off is kept beside the result. */
export const scatterKeepsLost = ({ count, dtype }: Scatter): boolean => count > LONG && dtype !== "int32";
