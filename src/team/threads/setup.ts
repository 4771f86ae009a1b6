import type { TaskRoutine } from "../../core/batch/task-routine.js";
import type { CompiledProblem } from "../../core/evaluation/compiled-problem.js";
import type { Executable, Routine } from "../../executors/executor.js";
import type { ThreadLibrary } from "../../executors/wasm/library-call.js";
import type { WasmExecutor } from "../../executors/wasm/executor.js";
import { hashProgram } from "../../program/hash.js";
import { leafTypes } from "../../tensor/trace.js";
import type { HostArray, Type } from "../../tensor/types.js";
import type { BoardPlan } from "./board.js";
import type { KitPlan } from "./kit.js";
import { replaced } from "./replaced.js";

/** A program as a thread needs it: compiled, with the types of what it takes and gives. */
export interface ProgramData {
  readonly hash: string;
  readonly module: WebAssembly.Module;
  /** Where the code is too long for one module: those that the first one calls. */
  readonly pieces: readonly WebAssembly.Module[];
  readonly scratchBytes: number;
  readonly constants: Uint8Array;
  readonly inputs: readonly Type[];
  readonly outputs: readonly Type[];
}

/** All that a thread needs to evaluate tasks of one problem by one estimator, as data; θ, tasks and draws come on the board. */
export interface Setup {
  readonly board: BoardPlan;
  readonly kit: KitPlan;
  readonly programs: readonly ProgramData[];
  /** A routine whose calls name their programs by number. */
  readonly routine: unknown;
  readonly borrowed: readonly HostArray[];
  /** The library that computes larger products, if one does. */
  readonly library: ThreadLibrary | undefined;
}

const typeOf = ({ shape, dtype }: Type): Type => ({ shape: [...shape], dtype });

function programData(executor: WasmExecutor, { program }: Executable): ProgramData {
  const { compiled, module, pieces } = executor.codeOf(program);
  return {
    hash: hashProgram(program),
    module,
    pieces,
    scratchBytes: compiled.scratchBytes,
    constants: compiled.constants,
    inputs: program.inputs.map(typeOf),
    outputs: program.outputs.map(o => typeOf(program.nodes[o])),
  };
}

/** A routine as data: every executable by its number among the programs. */
function routineData(executor: WasmExecutor, routine: Routine): { readonly programs: ProgramData[]; readonly routine: unknown } {
  const numbers = new Map<Executable, number>(),
    numberOf = (executable: Executable): number => {
      let number = numbers.get(executable);
      if (number === undefined) numbers.set(executable, (number = numbers.size));
      return number;
    };
  const data = replaced(routine, call =>
    "executable" in call
      ? { ...(replaced({ ...call, executable: 0 }, same) as object), executable: numberOf(call.executable as Executable) }
      : undefined,
  );
  return { programs: [...numbers.keys()].map(executable => programData(executor, executable)), routine: data };
}
const same = (): undefined => undefined;

/** How a task's routine is used. */
export function kitPlan({ plans, leaves, sampled }: TaskRoutine): KitPlan {
  return {
    sampled,
    plans: plans.map(({ from, to, leaves: own }) => ({
      from,
      to,
      results: 1 + own.length,
      leaves: leaves.map(leaf => {
        const k = own.indexOf(leaf);
        return k < 0 ? -1 : 1 + k;
      }),
    })),
  };
}

/** What lies on a board of so many slots. */
export function boardPlan(compiled: CompiledProblem, task: TaskRoutine, slots: number): BoardPlan {
  const { programs } = compiled;
  return {
    slots,
    theta: programs.thetaTypes.map(typeOf),
    task: task.sampled ? [] : leafTypes(programs.task).map(typeOf),
    arrays: task.plans.map(({ arrays }) => arrays.map(typeOf)),
    result: [task.plans[0].lossType, ...task.leaves.map(leaf => programs.thetaTypes[leaf])].map(typeOf),
    carry: task.plans.map(({ carry }) => carry.flatMap(({ types }) => types.map(typeOf))),
  };
}

/** What threads are given to evaluate tasks. */
export function setupOf(compiled: CompiledProblem, task: TaskRoutine, board: BoardPlan): Setup {
  const executor = compiled.executor as WasmExecutor,
    borrowed = executor.readAll(task.borrowed);
  return { board, kit: kitPlan(task), ...routineData(executor, task.routine), borrowed, library: executor.products?.inThread() };
}
