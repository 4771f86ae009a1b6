import type { FunctionTable } from "./function-table.js";
import type { Local, Signature } from "./assembler.js";
import { encodeModule, FunctionBuilder, unsigned } from "./assembler.js";

/** Bytes of a call in a list of calls: the number of a function, and a pointer to its table of pointers. */
export const CALL_BYTES = 8;
/** Bytes of a move in a list of moves: a pointer to a word, and what is added to it. */
export const MOVE_BYTES = 8;

/** What makes the calls of a routine. Lists have at least one entry. */
export interface Replay {
  /** Makes the calls of a list. */
  replay(calls: number, bytes: number): void;
  /** Makes them so many times, at least once, and after each time adds to words what a list of moves says. */
  rounds(calls: number, bytes: number, moves: number, moveBytes: number, times: number): void;
  /** Adds to words a multiple of what a list of moves says. */
  move(moves: number, bytes: number, factor: number): void;
}

/** The function of a program. */
const run: Signature = { parameterKinds: ["i32"], resultKinds: [] };

let module: WebAssembly.Module | undefined;

function replayModule(): WebAssembly.Module {
  /** The word at an offset of an entry of a list. */
  const word = (f: FunctionBuilder, list: Local, at: Local, offset: number) =>
    f
      .get(list)
      .get(at)
      .add()
      .op(0x28, 2, ...unsigned(offset));
  const calls = (f: FunctionBuilder, list: Local, bytes: Local, at: Local) =>
    f.loop(at, 0, bytes, CALL_BYTES, () => {
      word(f, list, at, 4);
      word(f, list, at, 0);
      f.callIndirect(0);
    });
  const moves = (f: FunctionBuilder, list: Local, bytes: Local, at: Local, to: Local, factor?: Local) =>
    f.loop(at, 0, bytes, MOVE_BYTES, () => {
      word(f, list, at, 0).tee(to).get(to).op(0x28, 2, 0);
      word(f, list, at, 4);
      if (factor) f.get(factor).mul();
      f.add().op(0x36, 2, 0);
    });
  const replay = new FunctionBuilder("replay", ["i32", "i32"], [], true);
  calls(replay, replay.parameters[0], replay.parameters[1], replay.local("i32"));
  const rounds = new FunctionBuilder("rounds", ["i32", "i32", "i32", "i32", "i32"], [], true),
    [list, bytes, moveList, moveBytes, times] = rounds.parameters,
    [round, at, to] = [rounds.local("i32"), rounds.local("i32"), rounds.local("i32")];
  rounds.loop(round, 0, times, 1, () => {
    calls(rounds, list, bytes, at);
    moves(rounds, moveList, moveBytes, at, to);
  });
  const move = new FunctionBuilder("move", ["i32", "i32", "i32"], [], true);
  moves(move, move.parameters[0], move.parameters[1], move.local("i32"), move.local("i32"), move.parameters[2]);
  return new WebAssembly.Module(encodeModule([replay, rounds, move], { types: [run] }));
}

/** Makes calls of functions in a table, by lists that lie in a memory. */
export function replayIn(memory: WebAssembly.Memory, { table }: FunctionTable): Replay {
  const { exports } = new WebAssembly.Instance((module ??= replayModule()), { env: { memory, functions: table } });
  return exports as unknown as Replay;
}
