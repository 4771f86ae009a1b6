import { isElementary } from "../../compiler/graph/tensor.js";
import type { Target } from "../../compiler/target.js";
import { ALIGNMENT, PADDING } from "./alignment.js";
import { LIMIT } from "./allocator.js";
import { sharesLoop } from "./crossing.js";
import { storedBytes } from "./emit/instructions.js";
import { memoryRefusal } from "./fits.js";
import { blockingFor } from "./kernels/blocking.js";
import { innerTile, outerTile } from "./kernels/tiles.js";
import { arrayBytes, workspaceBytes } from "./kernels/workspace.js";

/** Bytes of a vector. */
const VECTOR = 16;
/** Windows of up to so many bytes are laid out; more would leave the caches, and are read where they lie. */
const MOST_LAID_OUT = 2 ** 18;
/** Products that are added in a row, from which on a loop over places in a window is worth its while. */
const DEEP = 8;

/**
 * Results of up to so many bytes are still in the second cache when a loop over them begins. Elementary functions are faster there: they are written in
 * place, and nothing in registers has to be saved for a call.
 */
const NEAR = 2 ** 20;

/** WebAssembly with 128-bit vectors. Cycles are those of recent processors, written down once: they are not measured where a program runs. */
export const wasmTarget: Target = {
  name: "wasm",
  bytes: storedBytes,
  alignment: ALIGNMENT,
  padding: PADDING,
  mostInputs: Infinity,
  productCycles({ form, rows, columns, depth, dtype }) {
    const width = VECTOR / storedBytes[dtype];
    return (form === "outer" ? outerTile(rows, Math.ceil(columns / width), depth) : innerTile(rows, columns, depth, width)).cycles;
  },
  copyCycles: 0.35,
  reorderCycles: 0.5,
  readsWindowsInPlace: ({ elements, columns, depth, dtype }) =>
    columns * storedBytes[dtype] >= VECTOR && depth >= DEEP && elements * storedBytes[dtype] > MOST_LAID_OUT,
  addsUpInMemory: product => blockingFor(product) !== null,
  runsBodyAfterwards: ({ root, body }) => body.some(isElementary) && arrayBytes(root) <= NEAR,
  mayJoin: sharesLoop,
  rowBlocks: { from: 2 ** 21, block: 2 ** 19, rows: 128 },
  stepsInMemory(product) {
    const blocking = blockingFor(product);
    return blocking?.kind === "panels" ? blocking.depth : null;
  },
  workspaceBytes,
  refuse: program => memoryRefusal(program, 0, LIMIT),
};
