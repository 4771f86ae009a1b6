import type { Program } from "../program.js";
import { rewrite } from "./rewrite.js";

/** Computes equal expressions once; operands of commutative operations may be exchanged. Bit-identical. */
export const shareCommonSubexpressions = (program: Program): Program => rewrite(program, {});
