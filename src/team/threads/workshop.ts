import { WasmExecutable } from "../../executors/wasm/executable.js";
import type { Routine } from "../../executors/executor.js";
import { FunctionTable } from "../../executors/wasm/function-table.js";
import type { HeapBuffer } from "../../executors/wasm/heap.js";
import { bytesIn, Heap, HeapBuffer as Place } from "../../executors/wasm/heap.js";
import { productsInThread } from "../../executors/native/in-thread.js";
import { addLibrary } from "../../executors/wasm/library-call.js";
import { WasmRoutine } from "../../executors/wasm/routine.js";
import type { Program } from "../../program/program.js";
import type { Type } from "../../tensor/types.js";
import type { Board } from "./board.js";
import { words } from "./board.js";
import { Kit } from "./kit.js";
import type { ProgramData, Setup } from "./setup.js";
import { replaced } from "./replaced.js";

/** A program of which nothing is left but the types: its code was compiled elsewhere. */
const shell = ({ inputs, outputs }: ProgramData): Program => ({
  inputs,
  constants: [],
  nodes: outputs.map((type, index) => ({ op: "input", ...type, inputs: [], params: { index } })),
  outputs: outputs.map((_, i) => i),
});

/** A thread's memory with the programs of a setup, and its way through jobs. */
export class Workshop {
  readonly #kit: Kit;
  readonly #theta: readonly HeapBuffer[];
  #version = -1;

  constructor(
    { programs, routine, borrowed, board: plan, kit, library }: Setup,
    private readonly board: Board,
  ) {
    const heap = new Heap(),
      functions = new FunctionTable(),
      scratchBytes = Math.max(0, ...programs.map(program => program.scratchBytes)),
      scratch = new WebAssembly.Global({ value: "i32", mutable: true }, scratchBytes ? heap.allocator.take(scratchBytes) | 0 : 0);
    if (library) addLibrary(functions, productsInThread(library, heap.allocator.memory));
    const executables = programs.map(program => {
      const { module, pieces } = program;
      return new WasmExecutable(shell(program), "a task", { compiled: program, module, pieces }, heap, functions, scratch, () => undefined);
    });
    const linked = replaced(routine, call =>
      "executable" in call ? { ...call, executable: executables[call.executable as number] } : undefined,
    ) as Routine;
    const placesOf = (types: readonly Type[]): HeapBuffer[] =>
      types.map(({ shape, dtype }) => new Place(heap, shape, dtype, bytesIn(shape, dtype)));
    const count: Type = { shape: [], dtype: "int32" };
    this.#theta = placesOf(plan.theta);
    this.#kit = new Kit(
      kit,
      {
        routine: new WasmRoutine(linked, heap, functions),
        task: placesOf(kit.sampled ? [count, count] : plan.task),
        arrays: plan.arrays.map(placesOf),
        borrowed: borrowed.map(array => heap.upload(array)),
      },
      board,
    );
  }

  /** Evaluates a job. */
  run(slot: number): void {
    const { board } = this,
      version = board.words[words.version];
    if (version !== this.#version) {
      board.copyTo(board.layout.theta.offset, this.#theta);
      this.#version = version;
    }
    this.#kit.run(slot, this.#theta);
  }
}
