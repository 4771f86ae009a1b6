import type { HostTree } from "../../tensor/types.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import type { Problem } from "../problem/problem.js";
import { stream } from "../random/index.js";
import { same } from "../solve/one-task.js";

/** So many tasks are drawn before it is believed that all are alike: of two equally likely ones, both are among them but once in 10⁹ cases. */
const LOOKS = 32;

/** Tasks of a diagnosis: others than those of the run whose θ it looks at, as that θ depends on them. */
export class Tasks {
  readonly #seed: number;

  constructor(
    private readonly problem: Problem,
    private readonly compiled: CompiledProblem,
    seed: number,
  ) {
    this.#seed = stream(seed, "diagnosis's tasks").integer(2 ** 32);
  }

  /** How many different ones there are, if they are numbered. */
  get count(): number {
    return this.problem.tasks ?? Infinity;
  }

  /** Task i at point k; both count from 0. */
  async at(k: number, i: number): Promise<HostTree> {
    return (await this.compiled.sample(this.#seed, k + 1, i)) ?? (await this.problem.draw(this.#seed, k + 1, i));
  }

  /** Whether every task has the same numbers. */
  async areOne(): Promise<boolean> {
    const { problem } = this;
    if (problem.sampler) return false;
    if (problem.tasks !== undefined) return problem.tasks === 1;
    const first = await this.at(0, 0);
    for (let i = 1; i < LOOKS; i++) if (!same(first, await this.at(0, i))) return false;
    return true;
  }
}
