import type { HostArray, HostTree } from "../../tensor/types.js";
import { mapTypes } from "../../tensor/trace.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { State } from "../evaluation/machine.js";
import type { Pauses } from "../evaluation/pauses.js";
import { Place } from "../evaluation/place.js";
import { Scope } from "../evaluation/scope.js";
import { indexArray } from "../evaluation/step-index.js";
import type { Definition } from "../problem/definitions.js";
import { init, initPullback, outer, pullback, step } from "../problem/definitions.js";
import type { OddValue } from "../problem/odd-value.js";
import { oddNumber } from "../problem/odd-origin.js";
import { flattenLike } from "../trees/host-leaves.js";
import type { RunIdentity } from "./checkpoint.js";

/** Numbers of φ that are kept on the way forward, to go back over; a longer way is not gone back over. */
const MOST_NUMBERS = 2 ** 24;

/** Paths of the leaves of a tree of types, in order. */
function pathsOf(types: unknown): string[] {
  const paths: string[] = [];
  mapTypes(types, (_, path) => paths.push(path));
  return paths;
}

/** `phi.w stops being finite in inner step 3 of 4 (log gave NaN, my-problem.ts:14)`; no place where the outcome has named it. */
function told(where: string | undefined, found: OddValue | undefined): string | undefined {
  if (!found) return where;
  const how = `${found.operation} gave ${found.value}${found.line === undefined ? "" : `, ${found.line}`}`;
  return where === undefined ? how : `${where} (${how})`;
}

/** One task, walked over once more, forward and back, with a look at every number. */
class Walk {
  readonly #scope: Scope;
  readonly #theta: readonly HostArray[];
  readonly #task: readonly HostArray[];
  readonly #place: Place;

  constructor(
    private readonly compiled: CompiledProblem,
    theta: HostTree,
    task: HostTree,
    pauses: Pauses,
  ) {
    const { programs, executor } = compiled;
    this.#scope = new Scope(compiled, pauses);
    const bring = (arrays: readonly HostArray[]) => arrays.map(array => this.#scope.own(executor.upload(array)));
    this.#theta = flattenLike("θ", programs.theta, theta);
    this.#task = flattenLike("the task", programs.task, task);
    this.#place = new Place(this.#scope, bring(this.#theta), bring(this.#task));
  }

  /** Where the first number that is not finite comes from. */
  async find(): Promise<string | undefined> {
    const { compiled } = this,
      place = this.#place,
      { programs, steps } = compiled;
    let x = await place.init(),
      now = await this.#read(x);
    const start = this.#odd(now);
    if (start !== undefined) return this.#say(`the start ${this.#leaf(start)} is not finite`, init, [...this.#theta, ...this.#task]);
    const states: { readonly x: State; readonly numbers: readonly HostArray[] }[] = [],
      size = now.reduce((sum, { data }) => sum + data.length, 0),
      keeps = size * (steps + 1) <= MOST_NUMBERS;
    for (let j = 1; j <= steps; j++) {
      const next = await place.step(x, j),
        numbers = await this.#read(next),
        leaf = this.#odd(numbers);
      if (leaf !== undefined) {
        const inputs = [...this.#theta, ...now, ...this.#task, indexArray(j - 1)];
        return this.#say(`${this.#leaf(leaf)} stops being finite in inner step ${j} of ${steps}`, step, inputs);
      }
      if (keeps) states.push({ x, numbers: now });
      else this.#scope.release(x);
      [x, now] = [next, numbers];
    }
    const ended = await place.outer(x),
      atEnd = [...this.#theta, ...now, ...this.#task];
    if (this.#odd(await this.#read([ended.loss])) !== undefined) return this.#say(undefined, outer, atEnd);
    const direct = await this.#read(ended.theta),
      leaves = programs.of(outer).leaves;
    let u = ended.u,
      back = await this.#read(u);
    if (this.#odd([...back, ...direct]) !== undefined) {
      const leaf = this.#odd(back);
      const what = leaf === undefined ? this.#thetaLeaf(leaves[this.#odd(direct)!]) : this.#leaf(leaf);
      return this.#say(`the derivative of the outer loss with respect to ${what}`, outer, atEnd);
    }
    if (!keeps) return undefined;
    const touched = programs.of(pullback).leaves,
      zeros = touched.map(leaf => programs.zeros(leaf));
    for (let j = steps; j >= 1; j--) {
      const before = states[j - 1],
        got = await place.pullback(before.x, j, u, place.zeros(touched)),
        g = this.#odd(await this.#read(got.g)),
        next = await this.#read(got.u),
        leaf = this.#odd(next);
      if (g !== undefined || leaf !== undefined) {
        const what = leaf === undefined ? this.#thetaLeaf(touched[g!]) : this.#leaf(leaf),
          inputs = [...this.#theta, ...before.numbers, ...this.#task, indexArray(j - 1), ...back, ...zeros];
        return this.#say(`the derivative of inner step ${j} of ${steps} with respect to ${what}`, pullback, inputs);
      }
      [u, back] = [got.u, next];
    }
    const first = this.#odd(await this.#read(await place.initPullback(u)));
    if (first === undefined) return undefined;
    const what = this.#thetaLeaf(programs.of(initPullback).leaves[first]);
    return this.#say(`the derivative of the start with respect to ${what}`, initPullback, [...this.#theta, ...this.#task, ...back]);
  }

  close(): void {
    this.#scope.close();
  }

  async #read(state: State): Promise<HostArray[]> {
    return this.compiled.executor.readAll(state);
  }

  /** Which of some arrays is not finite. */
  #odd(arrays: readonly HostArray[]): number | undefined {
    const at = arrays.findIndex(array => oddNumber(array) !== undefined);
    return at < 0 ? undefined : at;
  }

  /** A leaf of x by its place: `phi.w`. */
  #leaf(place: number): string {
    return pathsOf(this.compiled.programs.x)[place];
  }

  #thetaLeaf(leaf: number): string {
    const path = pathsOf(this.compiled.programs.theta)[leaf];
    return path ? `theta.${path}` : "θ";
  }

  #say(where: string | undefined, definition: Definition, inputs: readonly HostArray[]): string | undefined {
    return told(where, this.compiled.programs.oddValue(definition, inputs));
  }
}

/**
 * Where the loss or the gradient of a step stopped being finite: which leaf of φ, in which inner step, by which operation, on which line of the
 * user's. The tasks are walked over once more, exactly; nothing where that way is finite, as with an update that overflows.
 * @param pauses of the run: whoever ends it need not wait for the search
 */
export async function whereDiverged(
  compiled: CompiledProblem,
  theta: HostTree,
  tasks: readonly HostTree[],
  pauses: Pauses,
): Promise<string | undefined> {
  for (const task of tasks) {
    const walk = new Walk(compiled, theta, task, pauses);
    try {
      const found = await walk.find();
      if (found !== undefined) return found;
    } catch (error) {
      // The run has its outcome all the same.
      return `where is not known, as looking for it failed (${error instanceof Error ? error.message : String(error)})`;
    } finally {
      walk.close();
    }
  }
  return undefined;
}

/** The tasks of an outer step: those given, or such as a program draws. */
export async function tasksOf(
  compiled: CompiledProblem,
  given: readonly HostTree[],
  { metaBatch, seed }: Pick<RunIdentity, "metaBatch" | "seed">,
  step: number,
): Promise<readonly HostTree[]> {
  const tasks = [...given];
  while (tasks.length < metaBatch) {
    const drawn = await compiled.sample(seed, step, tasks.length);
    if (!drawn) break;
    tasks.push(drawn);
  }
  return tasks;
}
