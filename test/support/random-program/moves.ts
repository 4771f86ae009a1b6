import type { Draft, Step } from "./draft.js";
import { elementwiseMoves } from "./elementwise-moves.js";
import { loopMoves } from "./loop-moves.js";
import { linearMoves } from "./linear-moves.js";
import { shapeMoves } from "./shape-moves.js";
import { reductionMoves } from "./reduction-moves.js";

/** Adds one operation (and what it needs) to a draft, or nothing where it cannot be done. */
export type Move = (draft: Draft, step: Step) => unknown;

const plain: readonly Move[] = [...elementwiseMoves, ...shapeMoves, ...reductionMoves, ...linearMoves];

/** Loops hold whatever there is, other loops too, but no loops in those. */
const nested: readonly Move[] = [...plain, ...loopMoves(plain)];

export const moves: readonly Move[] = [...plain, ...loopMoves(nested)];
