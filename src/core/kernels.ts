import type { Awaitable, Buffer, Executable, Executor } from "../executors/executor.js";
import { costOf } from "../program/cost.js";
import type { Program } from "../program/program.js";
import { leafTypes, trace } from "../tensor/trace.js";
import type { FloatType, HostArray, HostTree, Type } from "../tensor/types.js";
import { allocate, showType } from "../tensor/types.js";
import type { Value } from "../tensor/value.js";
import { rebuildLike } from "./host-leaves.js";
import type { MemoryStrategy, State } from "./memory/strategy.js";
import { Placed } from "./placed.js";
import type { Example, Problem } from "./problem.js";
import { checkSteps } from "./problem.js";
import type { ProblemPrograms, ProgramName } from "./programs.js";
import { programNames } from "./programs.js";
import { isPromise } from "./awaitable.js";
import type { Machine, ThetaBuffers } from "./machine.js";
import type { Sweep } from "./pass.js";
import type { RecordedPass } from "./recorded-pass.js";
import { recordMean, recordPass } from "./recorded-pass.js";

/** How a problem's programs are made ready. */
export interface KernelOptions {
  readonly executor: Executor;
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
}

/** A pass by the names of its sweeps and its strategy. */
interface Recorded {
  readonly sweeps: readonly string[];
  readonly memory: string;
  readonly tasks: number;
  readonly pass: RecordedPass | undefined;
}

/** Recorded passes that are kept, those used last. */
const MOST_RECORDED = 8;

/**
 * A problem's programs, compiled by an executor: the only way in which estimators evaluate anything. A program is compiled when it is
 * first used, so what nobody needs is never compiled. States stay in the executor's memory.
 */
export class Kernels implements Machine {
  readonly steps: number;
  readonly programs: ProblemPrograms;
  readonly executor: Executor;
  readonly dtype: FloatType;
  readonly #helpers = new Map<string, Awaitable<Executable>>();
  readonly #compiled = new Map<ProgramName, Awaitable<Executable>>();
  readonly #work = new Map<ProgramName, number>();
  /** The one used last comes first. */
  readonly #recorded: Recorded[] = [];
  readonly #indices: Buffer[] = [];
  readonly #zeros: Buffer[] = [];
  readonly #thetaTypes: readonly Type[];
  readonly #theta: Placed;
  readonly #tasks: Placed[] = [];

  /** @param example θ and a task of the shapes that all later ones have */
  constructor(problem: Problem, example: Example, { executor, dtype = "float32", innerSteps = problem.steps }: KernelOptions) {
    this.dtype = dtype;
    this.steps = checkSteps(problem, innerSteps);
    this.programs = problem.programs(example, dtype);
    this.#thetaTypes = leafTypes(this.programs.theta);
    this.executor = executor;
    this.#theta = new Placed(executor, "θ", this.programs.theta);
  }

  /** The kernel of a program; compiled once. */
  compile(name: ProgramName): Awaitable<Executable> {
    const known = this.#compiled.get(name);
    if (known) return known;
    const made = this.executor.compile(programOf(this.programs, name), name);
    this.#compiled.set(name, made);
    if (isPromise(made))
      void made.then(
        executable => this.#compiled.set(name, executable),
        () => this.#compiled.delete(name),
      );
    return made;
  }

  /** Runs a program. */
  call(name: ProgramName, inputs: readonly Buffer[]): Awaitable<Buffer[]> {
    return runOn(this.compile(name), inputs);
  }

  /** A program for some arrays, beside those of the problem; compiled once for their types. */
  helper(name: string, types: readonly Type[], trace: (types: readonly Type[]) => Program): Awaitable<Executable> {
    const key = `${name} ${types.map(showType).join()}`;
    let helper = this.#helpers.get(key);
    if (!helper) this.#helpers.set(key, (helper = this.executor.compile(trace(types.map(({ shape, dtype }) => ({ shape, dtype }))), name)));
    return helper;
  }

  add(a: readonly Buffer[], b: readonly Buffer[]): Awaitable<Buffer[]> {
    return runOn(this.adder(a), [...a, ...b]);
  }

  /** A program that adds arrays of some types, pair by pair. */
  adder(types: readonly Type[]): Awaitable<Executable> {
    return this.helper("add", types, pairs => trace(sums, [pairs, pairs], this.dtype).program);
  }

  /** The mean over so many tasks as one routine; undefined if it is to be made of single passes. */
  recordedMean(sweep: Sweep, memory: MemoryStrategy, tasks: number): Awaitable<RecordedPass | undefined> {
    return this.#recall([sweep], memory, tasks, () => recordMean(this, sweep, memory, tasks));
  }

  /** A pass as one routine, recorded when it is first asked for; undefined if it is to be run call by call. */
  recorded(sweeps: readonly Sweep[], memory: MemoryStrategy): Awaitable<RecordedPass | undefined> {
    return this.#recall(sweeps, memory, 1, () => recordPass(this, sweeps, memory));
  }

  #recall(
    sweeps: readonly Sweep[],
    memory: MemoryStrategy,
    tasks: number,
    record: () => Promise<RecordedPass | undefined>,
  ): Awaitable<RecordedPass | undefined> {
    const passes = this.#recorded,
      k = passes.findIndex(p => p.tasks === tasks && p.memory === memory.name && sameNames(p.sweeps, sweeps));
    if (k > 0) passes.unshift(...passes.splice(k, 1));
    if (k >= 0) return passes[0].pass;
    return record().then(pass => {
      passes.unshift({ sweeps: sweeps.map(({ name }) => name), memory: memory.name, tasks, pass });
      if (passes.length > MOST_RECORDED) passes.pop()?.pass?.dispose();
      return pass;
    });
  }

  /** Brings θ into the executor's memory. @throws if its tree or shapes are not θ's */
  placeTheta(tree: HostTree): State {
    return this.#theta.place(tree);
  }

  /** Brings a task into the executor's memory, at its place in a batch. @throws if its tree or shapes are not those of the first task */
  placeTask(tree: HostTree, index = 0): State {
    return (this.#tasks[index] ??= new Placed(this.executor, "every task", this.programs.task)).place(tree);
  }

  /** Gives θ and the tasks back: needed before a tree whose numbers were changed is used again. */
  clear(): void {
    this.#theta.clear();
    for (const task of this.#tasks) task.clear();
  }

  /** The step index j − 1 as the programs take it. */
  index(j: number): Buffer {
    return (this.#indices[j - 1] ??= this.executor.upload({ shape: [], dtype: "int32", data: Int32Array.of(j - 1) }));
  }

  /** Zeros shaped as leaves of θ: what gradients accumulate from. They stay the kernels' own. */
  zeros(leaves: readonly number[]): ThetaBuffers {
    return leaves.map(i => (this.#zeros[i] ??= this.executor.upload({ ...this.#thetaTypes[i], data: allocate(this.#thetaTypes[i]) })));
  }

  read(buffer: Buffer): Awaitable<HostArray> {
    return this.executor.read(buffer);
  }
  release(state: State): void {
    for (const b of state) this.executor.free(b);
  }

  /** Gradients by leaf of θ as a tree like θ; what is missing is zero. */
  thetaTree(leaves: readonly (HostArray | undefined)[]): HostTree {
    return rebuildLike(this.programs.theta, leaves);
  }

  /** Arithmetic operations of a program in units of an inner step's. */
  work(name: ProgramName): number {
    let work = this.#work.get(name);
    if (work === undefined)
      this.#work.set(name, (work = costOf(programOf(this.programs, name)).flops / Math.max(1, costOf(this.programs.step).flops)));
    return work;
  }

  /** θ does not enter through the start or the outer loss: the plain first-order gradient is zero. */
  get firstOrderVanishes(): boolean {
    return !this.programs.outer.leaves.length && !this.programs.initPullback.leaves.length;
  }

  /** Calls and seconds of every program that was used; what a routine calls is not counted. */
  statistics(): { readonly name: ProgramName; readonly calls: number; readonly seconds: number }[] {
    return [...this.#compiled].flatMap(([name, e]) => (isPromise(e) ? [] : [{ name, ...e.statistics }]));
  }

  /** Gives all buffers and executables back. */
  dispose(): void {
    this.clear();
    this.release([...this.#indices, ...this.#zeros].filter(Boolean));
    this.#indices.length = this.#zeros.length = 0;
    for (const { pass } of this.#recorded.splice(0)) pass?.dispose();
    for (const e of [...this.#compiled.values(), ...this.#helpers.values()])
      void (isPromise(e) ? e.then(late => late.dispose()) : e.dispose());
    this.#compiled.clear();
    this.#helpers.clear();
  }
}

const sameNames = (names: readonly string[], sweeps: readonly Sweep[]): boolean =>
  names.length === sweeps.length && names.every((name, i) => name === sweeps[i].name);

const sums = (a: readonly Value[], b: readonly Value[]): Value[] => a.map((x, i) => x.add(b[i]));

const runOn = (executable: Awaitable<Executable>, inputs: readonly Buffer[]): Awaitable<Buffer[]> =>
  isPromise(executable) ? executable.then(e => e.run(inputs)) : executable.run(inputs);

const programOf = (programs: ProblemPrograms, name: ProgramName) => {
  const p = programs[name];
  return "program" in p ? p.program : p;
};

/** Every program of a problem by name, for inspection. */
export async function tracedPrograms(problem: Problem, { dtype = "float32", seed = 1 }: { dtype?: FloatType; seed?: number } = {}) {
  const programs = problem.programs({ theta: problem.theta(seed), task: await problem.task(seed, 1, 0) }, dtype);
  return Object.fromEntries(programNames.map(name => [name, programOf(programs, name)]));
}
