import type { FunctionTable } from "./function-table.js";
import type { Signature } from "./assembler.js";
import { encodeModule, FunctionBuilder, unsigned } from "./assembler.js";

/** Bytes of a call in a list of calls: the number of a function, and a pointer to its table of pointers. */
export const CALL_BYTES = 8;

/** The function of a program. */
const run: Signature = { parameterKinds: ["i32"], resultKinds: [] };

let module: WebAssembly.Module | undefined;

/** A function that makes the calls of a list: `replay(calls, bytes)`, with at least one call. */
function replayModule(): WebAssembly.Module {
  const replay = new FunctionBuilder("replay", ["i32", "i32"], [], true),
    [calls, bytes] = replay.parameters,
    at = replay.local("i32");
  const word = (offset: number) =>
    replay
      .get(calls)
      .get(at)
      .add()
      .op(0x28, 2, ...unsigned(offset));
  replay.loop(at, 0, bytes, CALL_BYTES, () => {
    word(4);
    word(0);
    replay.callIndirect(0);
  });
  return new WebAssembly.Module(encodeModule([replay], { types: [run] }));
}

/** Makes the calls of a list that lies in a memory, of functions in a table. */
export function replayIn(memory: WebAssembly.Memory, { table }: FunctionTable): (calls: number, bytes: number) => void {
  const { exports } = new WebAssembly.Instance((module ??= replayModule()), { env: { memory, functions: table } });
  return exports.replay as (calls: number, bytes: number) => void;
}
