import type { Code } from "../emit/code.js";
import type { DotKernel, Kernel } from "../../../compiler/schedule/kernel.js";
import { blockingFor } from "./blocking.js";
import { emitBlockedDot } from "./dot-blocked.js";
import { emitInnerDot } from "./dot-inner.js";
import { emitLibraryDot } from "./dot-library.js";
import { emitOuterDot } from "./dot-outer.js";
import { emitSlicedDot } from "./dot-sliced.js";
import { emitLoop } from "./loop.js";
import { emitMap } from "./map.js";
import { emitMove } from "./move.js";
import { emitReduce } from "./reduce.js";
import { emitRowBlocks } from "./row-blocks.js";
import { emitSolve } from "./solve.js";

/** Writes the code of a kernel. */
export function emitKernel(code: Code, kernel: Kernel): void {
  switch (kernel.kind) {
    case "map":
      emitMap(code, kernel);
      break;
    case "reduce":
      emitReduce(code, kernel);
      break;
    case "dot":
      emitDot(code, kernel);
      break;
    case "move":
      emitMove(code, kernel);
      break;
    case "solve":
      emitSolve(code, kernel);
      break;
    case "rows":
      emitRowBlocks(code, kernel, emitProduct);
      break;
    case "loop":
      emitLoop(code, kernel);
      break;
  }
}

function emitDot(code: Code, kernel: DotKernel): void {
  if (!kernel.bodyAfterwards) emitProduct(code, kernel);
  else {
    emitProduct(code, { ...kernel, body: [] });
    if (kernel.body.length > 0) emitMap(code, kernel);
  }
}

function emitProduct(code: Code, kernel: DotKernel): void {
  const blocking = blockingFor(kernel.root);
  if (kernel.root.form === "library") emitLibraryDot(code, kernel);
  else if (blocking?.kind === "panels") emitBlockedDot(code, kernel, blocking);
  else if (blocking) emitSlicedDot(code, kernel, blocking);
  else if (kernel.root.form === "outer") emitOuterDot(code, kernel);
  else emitInnerDot(code, kernel);
}
