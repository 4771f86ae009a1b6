import type { Type } from "../tensor/types.js";
import type { Node, Program, Scan } from "./program.js";

/** Whether a parameter is a program within the program. */
export const isProgram = (x: unknown): x is Program => typeof x === "object" && x !== null && Object.hasOwn(x, "nodes");

export const isScan = (node: Node): node is Node<"scan"> => node.op === "scan";
export const isCond = (node: Node): node is Node<"cond"> => node.op === "cond";
export const isLoop = (node: Node): node is Node<"scan" | "cond"> => isScan(node) || isCond(node);

/** The programs within a node. */
export const bodiesOf = (node: Node): readonly Program[] =>
  isScan(node) ? [node.params.body] : isCond(node) ? [node.params.onTrue, node.params.onFalse] : [];

/** Rows of a history. */
export const historyRows = ({ length, every }: Pick<Scan, "length" | "every">): number => Math.ceil(length / every);

/** How many y a step gives. */
export const yields = ({ body, carry }: Pick<Scan, "body" | "carry">): number => body.outputs.length - carry;

/** The types of all results of a scan. */
export function scanResults(scan: Omit<Scan, "result">): Type[] {
  const { body, carry, length } = scan,
    outputs = body.outputs.map(o => body.nodes[o]);
  const rows = (n: number, { shape, dtype }: Type): Type => ({ shape: [n, ...shape], dtype });
  const kept = outputs.slice(0, carry).map(({ shape, dtype }): Type => ({ shape, dtype }));
  return [...kept, ...outputs.slice(carry).map(y => rows(length, y)), ...kept.map(c => rows(historyRows(scan), c))];
}

/** The row that step s reads and writes. */
export const rowOf = ({ length, reverse }: Pick<Scan, "length" | "reverse">, s: number): number => (reverse ? length - 1 - s : s);

/** The row of the histories that holds the carry before step s, if one does. Rows lie in the order of those of ys. */
export function historyRowOf(scan: Pick<Scan, "length" | "reverse" | "every">, s: number): number | undefined {
  if (s % scan.every !== 0) return undefined;
  const row = s / scan.every;
  return scan.reverse ? historyRows(scan) - 1 - row : row;
}
