import type { FunctionTable } from "./function-table.js";
import type { Signature } from "./assembler.js";
import { encodeModule, FunctionBuilder, unsigned } from "./assembler.js";

/** What a call on a tape takes: the number of a function, and a pointer to its table of pointers. */
export const CALL_BYTES = 8;

/** The function of a program. */
const run: Signature = { parameterKinds: ["i32"], resultKinds: [] };

let module: WebAssembly.Module | undefined;

/** A function that makes the calls of a tape: `play(tape, bytes)`, with at least one call. */
function playerModule(): WebAssembly.Module {
  const play = new FunctionBuilder("play", ["i32", "i32"], [], true),
    [tape, bytes] = play.parameters,
    at = play.local("i32");
  const word = (offset: number) =>
    play
      .get(tape)
      .get(at)
      .add()
      .op(0x28, 2, ...unsigned(offset));
  play.loop(at, 0, bytes, CALL_BYTES, () => {
    word(4);
    word(0);
    play.callIndirect(0);
  });
  return new WebAssembly.Module(encodeModule([play], { types: [run] }));
}

/** Plays tapes that lie in a memory, of functions in a table. */
export function playerFor(memory: WebAssembly.Memory, { table }: FunctionTable): (tape: number, bytes: number) => void {
  const { exports } = new WebAssembly.Instance((module ??= playerModule()), { env: { memory, functions: table } });
  return exports.play as (tape: number, bytes: number) => void;
}
