import type { Awaitable, Buffer, Executable, Executor } from "../../executors/executor.js";
import { costOf } from "../../program/cost.js";
import type { Program } from "../../program/program.js";
import { leafTypes, trace } from "../../tensor/trace.js";
import type { FloatType, HostArray, HostTree, Type } from "../../tensor/types.js";
import { showType } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import type { Definition } from "../problem/definitions.js";
import { step } from "../problem/definitions.js";
import type { Problem } from "../problem/problem.js";
import { checkSteps } from "../problem/problem.js";
import type { ProblemPrograms } from "../problem/programs.js";
import type { Sampler } from "../problem/sampled.js";
import type { Example } from "../problem/spec.js";
import { rebuildLike } from "../trees/host-leaves.js";
import { isPromise } from "./awaitable.js";
import type { Formula } from "./machine.js";
import { isDefinition } from "./machine.js";
import { ResidentTrees } from "./resident-trees.js";

/** Where and how a problem is compiled. */
export interface CompileOptions {
  readonly executor: Executor;
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** Whether moments are read of estimators that learn nothing from them. */
  readonly moments?: boolean;
}

/** A program that draws tasks: (key of the seed, steps done, place in the meta-batch) ↦ the leaves of a task. */
export interface Sampling {
  readonly executable: Awaitable<Executable>;
  key(seed: number): HostArray;
}

/** Calls of definitions. */
export type Tally = ReadonlyMap<Definition, number>;

/**
 * A problem on an executor, for θ and tasks of certain shapes: its programs, compiled when they are first used, so that what nobody needs
 * is never compiled; constants; and the trees that lie in the executor's memory.
 */
export class CompiledProblem {
  readonly steps: number;
  readonly programs: ProblemPrograms;
  readonly executor: Executor;
  readonly dtype: FloatType;
  readonly theta: ResidentTrees;
  readonly tasks: ResidentTrees;
  readonly sampler: Sampler | undefined;
  /** Whether moments are read of estimators that learn nothing from them. */
  readonly tellsMoments: boolean;
  readonly #compiled = new Map<Definition | Formula, Awaitable<Executable> | Map<string, Awaitable<Executable>>>();
  readonly #samplers = new Map<Sampler, Awaitable<Executable>>();
  readonly #constants = new Map<HostArray, Buffer>();
  readonly #work = new Map<Definition, number>();
  readonly #onDispose: (() => void)[] = [];
  #notes: readonly string[] | undefined;
  #disposed = false;

  /** @param example θ and a task of the shapes that all later ones have */
  constructor(
    problem: Problem,
    example: Example,
    { executor, dtype = "float32", innerSteps = problem.steps, moments = false }: CompileOptions,
  ) {
    this.dtype = dtype;
    this.steps = checkSteps(problem, innerSteps);
    this.programs = problem.programs(example, dtype);
    this.executor = executor;
    this.sampler = problem.sampler;
    this.tellsMoments = moments;
    this.theta = new ResidentTrees(executor, "θ", this.programs.theta);
    this.tasks = new ResidentTrees(executor, "every task", this.programs.task, leaves => this.programs.checkTask(leaves));
  }

  /** The most bytes that the executor may hold; Infinity where there is no such bound. */
  get capacity(): number {
    return this.executor.capacity ?? Infinity;
  }

  /** What is to be told of a run of the problem, in sentences. */
  get notes(): readonly string[] {
    return (this.#notes ??= this.programs.notes(this.steps));
  }

  /** The executable of a program, for lists of arrays of these types; compiled once. */
  executable(program: Definition | Formula, lists: readonly (readonly Type[])[]): Awaitable<Executable> {
    if (isDefinition(program)) return this.#once(this.#compiled, program, program.name, () => this.programs.of(program).program);
    let byTypes = this.#compiled.get(program) as Map<string, Awaitable<Executable>> | undefined;
    if (!byTypes) this.#compiled.set(program, (byTypes = new Map<string, Awaitable<Executable>>()));
    const key = lists.map(types => types.map(showType).join()).join(";"),
      types = lists.map(list => list.map(({ shape, dtype }) => ({ shape, dtype })));
    return this.#once(byTypes, key, program.name, () => trace(program.of as never, types, this.dtype).program);
  }

  /** The executable of any program, compiled once; gone if it could not be compiled. */
  #once<K>(known: Map<K, Awaitable<Executable> | Map<string, Awaitable<Executable>>>, key: K, name: string, make: () => Program) {
    const found = known.get(key) as Awaitable<Executable> | undefined;
    if (found) return found;
    const made = this.executor.compile(make(), name);
    known.set(key, made);
    if (isPromise(made))
      void made.then(
        executable => known.set(key, executable),
        () => known.delete(key),
      );
    return made;
  }

  /** An array in the executor's memory, brought there once for each array object. */
  constant(array: HostArray): Buffer {
    let buffer = this.#constants.get(array);
    if (!buffer) this.#constants.set(array, (buffer = this.executor.upload(array)));
    return buffer;
  }

  /** The program that draws tasks, compiled, if one does. */
  get sampling(): Sampling | undefined {
    const { sampler } = this;
    if (!sampler) return undefined;
    const executable = this.#once(this.#samplers, sampler, "task", () => sampler.program(leafTypes(this.programs.task)).program);
    return { executable, key: seed => sampler.key(seed) };
  }

  /** The task of an outer step and a place in its meta-batch, drawn by the executor; nothing if no program draws tasks. */
  sample(seed: number, step: number, index: number): Promise<HostTree> | undefined {
    const { sampling } = this;
    return sampling && this.#sample(sampling, seed, step, index);
  }

  async #sample({ executable, key }: Sampling, seed: number, step: number, index: number): Promise<HostTree> {
    const whole = (n: number): HostArray => ({ shape: [], dtype: "int32", data: Int32Array.of(n) }),
      held = [key(seed), whole(step - 1), whole(index)].map(array => this.executor.upload(array));
    try {
      const outputs = await (await executable).run(held.slice(0, 3));
      held.push(...outputs);
      return rebuildLike(this.programs.task, await this.executor.readAll(outputs));
    } finally {
      for (const buffer of held) this.executor.free(buffer);
    }
  }

  /** Forgets which trees lie in memory: needed before a tree whose numbers were changed is used again. */
  forgetTrees(): void {
    this.theta.forget();
    this.tasks.forget();
  }

  /** Gradients by leaf of θ as a tree like θ; what is missing is zero. */
  thetaTree(leaves: readonly (HostArray | undefined)[]): HostTree {
    return rebuildLike(this.programs.theta, leaves);
  }

  /** Arithmetic operations of a definition in units of an inner step's. */
  work(definition: Definition): number {
    let work = this.#work.get(definition);
    if (work === undefined) {
      const flops = (d: Definition) => costOf(this.programs.of(d).program).flops;
      this.#work.set(definition, (work = flops(definition) / Math.max(1, flops(step))));
    }
    return work;
  }

  /** The same of calls. */
  workOf(tally: Tally): number {
    let sum = 0;
    for (const [definition, calls] of tally) sum += calls * this.work(definition);
    return sum;
  }

  /** Calls something when the problem is disposed of; at once if it was already. */
  onDispose(free: () => void): void {
    if (this.#disposed) free();
    else this.#onDispose.push(free);
  }

  /** Gives all buffers and executables back. */
  dispose(): void {
    this.#disposed = true;
    for (const free of this.#onDispose.splice(0)) free();
    this.theta.clear();
    this.tasks.clear();
    for (const buffer of this.#constants.values()) this.executor.free(buffer);
    this.#constants.clear();
    for (const made of this.#compiled.values())
      for (const e of made instanceof Map ? made.values() : [made]) void (isPromise(e) ? e.then(late => late.dispose()) : e.dispose());
    for (const e of this.#samplers.values()) void (isPromise(e) ? e.then(late => late.dispose()) : e.dispose());
    this.#samplers.clear();
    this.#compiled.clear();
  }
}

/** What calls count as. */
export function countsOf(tally: Tally): Counts {
  const total = { step: 0, product: 0, outer: 0 };
  for (const [{ counts = {} }, calls] of tally) {
    const { step = 0, product = 0, outer = 0 }: Partial<Counts> = typeof counts === "string" ? { [counts]: 1 } : counts;
    total.step += calls * step;
    total.product += calls * product;
    total.outer += calls * outer;
  }
  return total;
}
