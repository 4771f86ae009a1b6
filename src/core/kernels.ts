import type { Awaitable, Buffer, Executable, Executor } from "../executors/executor.js";
import { costOf } from "../program/cost.js";
import { leafTypes } from "../tensor/trace.js";
import type { FloatType, HostArray, HostTree, Type } from "../tensor/types.js";
import { allocate } from "../tensor/types.js";
import { rebuildLike } from "./host-leaves.js";
import type { State } from "./memory/strategy.js";
import { Placed } from "./placed.js";
import type { Example, Problem } from "./problem.js";
import { checkSteps } from "./problem.js";
import type { ProblemPrograms, ProgramName } from "./programs.js";
import { programNames } from "./programs.js";
import { isPromise } from "./awaitable.js";

/** How a problem's programs are made ready. */
export interface KernelOptions {
  readonly executor: Executor;
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
}

/** The accumulated gradient of the leaves of θ that a program touches. */
export type ThetaBuffers = readonly Buffer[];

/**
 * A problem's programs, compiled by an executor: the only way in which estimators evaluate anything. A program is compiled when it is
 * first used, so what nobody needs is never compiled. States stay in the executor's memory.
 */
export class Kernels {
  readonly steps: number;
  readonly programs: ProblemPrograms;
  readonly executor: Executor;
  readonly #compiled = new Map<ProgramName, Awaitable<Executable>>();
  readonly #work = new Map<ProgramName, number>();
  readonly #indices: Buffer[] = [];
  readonly #zeros: Buffer[] = [];
  readonly #thetaTypes: readonly Type[];
  readonly #theta: Placed;
  readonly #task: Placed;

  /** @param example θ and a task of the shapes that all later ones have */
  constructor(problem: Problem, example: Example, { executor, dtype = "float32", innerSteps = problem.steps }: KernelOptions) {
    this.steps = checkSteps(problem, innerSteps);
    this.programs = problem.programs(example, dtype);
    this.#thetaTypes = leafTypes(this.programs.theta);
    this.executor = executor;
    this.#theta = new Placed(executor, "θ", this.programs.theta);
    this.#task = new Placed(executor, "every task", this.programs.task);
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

  #run(name: ProgramName, inputs: readonly Buffer[]): Awaitable<Buffer[]> {
    const executable = this.compile(name);
    return isPromise(executable) ? executable.then(e => e.run(inputs)) : executable.run(inputs);
  }

  /** Brings θ into the executor's memory. @throws if its tree or shapes are not θ's */
  placeTheta(tree: HostTree): State {
    return this.#theta.place(tree);
  }

  /** Brings a task into the executor's memory. @throws if its tree or shapes are not those of the first task */
  placeTask(tree: HostTree): State {
    return this.#task.place(tree);
  }

  /** Gives θ and the task back: needed before a tree whose numbers were changed is used again. */
  clear(): void {
    this.#theta.clear();
    this.#task.clear();
  }

  /** The step index j − 1 as the programs take it. */
  #index(j: number): Buffer {
    return (this.#indices[j - 1] ??= this.executor.upload({ shape: [], dtype: "int32", data: Int32Array.of(j - 1) }));
  }

  /** x₀ = V(θ, T), with the inner optimizer's first state. */
  init(theta: State, task: State): Awaitable<State> {
    return this.#run("init", [...theta, ...task]);
  }

  /** x_j = Φ_j(θ, x_{j−1}, T). */
  step(theta: State, x: State, task: State, j: number): Awaitable<State> {
    return this.#run("step", [...theta, ...x, ...task, this.#index(j)]);
  }

  /** Outer loss, its gradient with respect to x, and to the leaves `programs.outer.leaves` of θ. */
  outer(theta: State, x: State, task: State): Awaitable<{ loss: Buffer; u: State; theta: ThetaBuffers }> {
    const split = (out: Buffer[]) => ({ loss: out[0], u: out.slice(1, 1 + x.length), theta: out.slice(1 + x.length) });
    const out = this.#run("outer", [...theta, ...x, ...task]);
    return isPromise(out) ? out.then(split) : split(out);
  }

  /** (∂Φ_j/∂x)ᵀu and g + (∂Φ_j/∂θ)ᵀu at x_{j−1}. */
  pullback(theta: State, x: State, task: State, j: number, u: State, g: ThetaBuffers): Awaitable<{ u: State; g: ThetaBuffers }> {
    const split = (out: Buffer[]) => ({ u: out.slice(0, u.length), g: out.slice(u.length) });
    const out = this.#run("pullback", [...theta, ...x, ...task, this.#index(j), ...u, ...g]);
    return isPromise(out) ? out.then(split) : split(out);
  }

  /** g + (∂Φ_j/∂θ)ᵀu at x_{j−1}. */
  mixed(theta: State, x: State, task: State, j: number, u: State, g: ThetaBuffers): Awaitable<ThetaBuffers> {
    return this.#run("mixed", [...theta, ...x, ...task, this.#index(j), ...u, ...g]);
  }

  /** (∂V/∂θ)ᵀu, for the leaves `programs.initPullback.leaves` of θ. */
  initPullback(theta: State, task: State, u: State): Awaitable<ThetaBuffers> {
    return this.programs.initPullback.leaves.length ? this.#run("initPullback", [...theta, ...task, ...u]) : [];
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

  /** Calls and seconds of every program that was used. */
  statistics(): { readonly name: ProgramName; readonly calls: number; readonly seconds: number }[] {
    return [...this.#compiled].flatMap(([name, e]) => (isPromise(e) ? [] : [{ name, ...e.statistics }]));
  }

  /** Gives all buffers and executables back. */
  dispose(): void {
    this.clear();
    this.release([...this.#indices, ...this.#zeros].filter(Boolean));
    this.#indices.length = this.#zeros.length = 0;
    for (const e of this.#compiled.values()) void (isPromise(e) ? e.then(late => late.dispose()) : e.dispose());
    this.#compiled.clear();
  }
}

const programOf = (programs: ProblemPrograms, name: ProgramName) => {
  const p = programs[name];
  return "program" in p ? p.program : p;
};

/** Every program of a problem by name, for inspection. */
export async function tracedPrograms(problem: Problem, { dtype = "float32", seed = 1 }: { dtype?: FloatType; seed?: number } = {}) {
  const programs = problem.programs({ theta: problem.theta(seed), task: await problem.task(seed, 1, 0) }, dtype);
  return Object.fromEntries(programNames.map(name => [name, programOf(programs, name)]));
}
