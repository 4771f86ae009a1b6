import { nodeCost } from "../cost.js";
import type { Node, Program } from "../program.js";
import { ancestors } from "../reachability.js";
import { traitsOf } from "../traits.js";
import { bytesOf, sizeOf } from "../../tensor/types.js";
import type { Type } from "../../tensor/types.js";
import { Network } from "./min-cut.js";

/**
 * What things take, in thousandths of a nanosecond. Only their ratios matter, and they decide what is kept, never a number that is computed.
 */
export interface Prices {
  /** An operation of a matrix product, a convolution or a solver. */
  readonly product: number;
  /** Any other operation. */
  readonly arithmetic: number;
  /** A byte that is written by one call and read by another much later, so that it goes through memory both times. */
  readonly byte: number;
  /** An array that a call gives and another takes, whatever its size. */
  readonly array: number;
}

/** About those of a core of the 2020s. */
export const PRICES: Prices = { product: 1000 / 25, arithmetic: 1000 / 8, byte: 1000 / 5, array: 100_000 };

/** What it takes to compute a node. */
function timeOf(program: Program, i: number, { product, arithmetic }: Prices): number {
  const { flops } = nodeCost(program, i),
    { kind } = traitsOf(program.nodes[i]);
  return Math.round(flops * (kind === "product" || kind === "solve" ? product : arithmetic));
}

/** Bytes of an array between two calls; executors hold a bool in as many as an int32. */
export const bytesHeld = ({ shape, dtype }: Type): number => sizeOf(shape) * Math.max(4, bytesOf[dtype]);

const isGiven = ({ op }: Node): boolean => op === "input" || op === "constant" || op === "literal" || op === "iota";

/** What is kept of a program for others that come later. */
export interface Cut {
  /** Nodes that the first program gives out besides its outputs. */
  readonly kept: readonly number[];
  /** The time that the others are spared, less what keeping takes, as a share of the time of all. */
  readonly gain: number;
}

/**
 * Which values of a first program are worth being kept for later ones: those of a cut of least cost, where a value that the later programs compute
 * again costs its operations in each of them, and a value that is kept costs its bytes once. Views are never kept, but what they are views of.
 *
 * @param program all programs in one
 * @param first outputs of the first program
 * @param later outputs of each later one
 * @param prices what work and memory cost
 */
export function cutBetween(program: Program, first: readonly number[], later: readonly (readonly number[])[], prices = PRICES): Cut {
  const { nodes } = program,
    here = ancestors(program, first),
    there = later.map(outputs => ancestors(program, outputs)),
    // How many later programs need a node.
    needs = nodes.map((_, i) => there.reduce((n, needed) => n + needed[i], 0)),
    isShared = nodes.map((node, i) => here[i] === 1 && needs[i] > 0 && !isGiven(node));
  const source = 2 * nodes.length,
    sink = source + 1,
    wanted = (i: number) => nodes.length + i,
    network = new Network(sink + 1),
    times = nodes.map((_, i) => (isShared[i] || here[i] || needs[i] ? timeOf(program, i, prices) : 0)),
    paid = (i: number) => Math.round(bytesHeld(nodes[i]) * prices.byte + prices.array);
  // On the source's side: what later programs compute. A node that is wanted, but not computed there, is kept.
  nodes.forEach((node, i) => {
    if (isShared[i]) {
      network.edge(i, sink, needs[i] * times[i]);
      network.edge(wanted(i), i, traitsOf(node).kind === "view" ? Infinity : paid(i));
    }
    if (isShared[i] || needs[i] > 0)
      for (const k of new Set(node.inputs)) if (isShared[k]) network.edge(isShared[i] ? i : source, wanted(k), Infinity);
  });
  for (const outputs of later) for (const o of outputs) if (isShared[o]) network.edge(source, wanted(o), Infinity);
  const side = network.sourceSide(source, sink),
    kept = nodes.flatMap((_, i) => (isShared[i] && side[wanted(i)] && !side[i] ? [i] : []));
  return { kept, gain: gainOf(program, { kept, times, needs, here, side, isShared, paid }) };
}

interface Measured {
  readonly kept: readonly number[];
  readonly times: readonly number[];
  readonly needs: readonly number[];
  readonly here: Uint8Array;
  readonly side: Uint8Array;
  readonly isShared: readonly boolean[];
  paid(i: number): number;
}

function gainOf(program: Program, { kept, times, needs, here, side, isShared, paid }: Measured): number {
  let all = 0,
    spared = 0;
  program.nodes.forEach((_, i) => {
    all += times[i] * (here[i] + needs[i]);
    if (isShared[i] && !side[i]) spared += times[i] * needs[i];
  });
  return all > 0 ? (spared - kept.reduce((sum, i) => sum + paid(i), 0)) / all : 0;
}
