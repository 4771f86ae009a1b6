import type { Awaitable, Buffer, Executable, Executor } from "../../executors/executor.js";
import { costOf } from "../../program/cost.js";
import type { Program } from "../../program/program.js";
import { leafTypes, trace } from "../../tensor/trace.js";
import type { FloatType, HostArray, HostTree, Type } from "../../tensor/types.js";
import { allocate, showType } from "../../tensor/types.js";
import type { Value } from "../../tensor/value.js";
import { isPromise } from "./awaitable.js";
import { rebuildLike } from "../trees/host-leaves.js";
import type { Machine, ThetaBuffers } from "./machine.js";
import type { State } from "../memory/strategy.js";
import { Placed } from "./resident-tree.js";
import type { Example, Problem } from "../problem/problem.js";
import { checkSteps } from "../problem/problem.js";
import type { ProblemPrograms, ProgramName } from "../problem/programs.js";
import { programNames } from "../problem/programs.js";
import { RecordedPasses } from "../unroll/recorded-passes.js";

/** How a problem's programs are made ready. */
export interface KernelOptions {
  readonly executor: Executor;
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
}

/**
 * A problem's programs, compiled by an executor: the only way in which estimators evaluate anything. A program is compiled when it is
 * first used, so what nobody needs is never compiled. States stay in the executor's memory.
 */
export class Kernels implements Machine {
  readonly steps: number;
  readonly programs: ProblemPrograms;
  readonly executor: Executor;
  readonly dtype: FloatType;
  readonly recorded = new RecordedPasses(this);
  readonly #helpers = new Map<string, Awaitable<Executable>>();
  readonly #compiled = new Map<ProgramName, Awaitable<Executable>>();
  readonly #work = new Map<ProgramName, number>();
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
  helper(name: string, types: readonly Type[], make: (types: readonly Type[]) => Program): Awaitable<Executable> {
    const key = `${name} ${types.map(showType).join()}`;
    let helper = this.#helpers.get(key);
    if (!helper) this.#helpers.set(key, (helper = this.executor.compile(make(types.map(({ shape, dtype }) => ({ shape, dtype }))), name)));
    return helper;
  }

  add(a: readonly Buffer[], b: readonly Buffer[]): Awaitable<Buffer[]> {
    return runOn(this.adder(a), [...a, ...b]);
  }

  /** A program that adds arrays of some types, pair by pair. */
  adder(types: readonly Type[]): Awaitable<Executable> {
    return this.helper("add", types, pairs => trace(sums, [pairs, pairs], this.dtype).program);
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

  /** Gives all buffers and executables back. */
  dispose(): void {
    this.clear();
    this.release([...this.#indices, ...this.#zeros].filter(Boolean));
    this.#indices.length = this.#zeros.length = 0;
    this.recorded.dispose();
    for (const e of [...this.#compiled.values(), ...this.#helpers.values()])
      void (isPromise(e) ? e.then(late => late.dispose()) : e.dispose());
    this.#compiled.clear();
    this.#helpers.clear();
  }
}

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
