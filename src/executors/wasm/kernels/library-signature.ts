import type { Signature } from "../assembler.js";

/** What the first argument of a library's product says. */
export const libraryFlags = { transposeA: 1, transposeB: 2, float64: 4, accumulate: 8 } as const;

/**
 * The function that a product of a library is called by: flags, m, n, k, then pointer and elements between rows of a, b and c, for
 * c = op(a)·op(b), or c += where the flags say so. It is entry 0 of the executor's table of functions.
 */
export const librarySignature: Signature = { parameterKinds: new Array<"i32">(10).fill("i32"), resultKinds: [] };
