import type { Step } from "./draft.js";
import type { Draft } from "./draft.js";
import { elementwiseMoves } from "./elementwise-moves.js";
import { linearMoves } from "./linear-moves.js";
import { shapeMoves } from "./shape-moves.js";
import { reductionMoves } from "./reduction-moves.js";

/** Adds one operation (and what it needs) to a draft, or nothing where it cannot be done. */
export type Move = (draft: Draft, step: Step) => unknown;

export const moves: readonly Move[] = [...elementwiseMoves, ...shapeMoves, ...reductionMoves, ...linearMoves];
