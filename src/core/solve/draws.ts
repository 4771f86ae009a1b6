import type { Awaitable } from "../../executors/executor.js";
import type { HostTree } from "../../tensor/types.js";
import type { Choice, Data, Estimator } from "../estimators/estimator.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { numberAt } from "../problem/listed.js";
import type { Problem } from "../problem/problem.js";
import { stream } from "../random/index.js";
import type { RunIdentity } from "./checkpoint.js";

/** What an outer step draws: a choice for each place of the meta-batch, and the tasks, none where its routine draws them. */
export interface Draw {
  readonly choices: readonly Choice[];
  readonly tasks: readonly HostTree[];
}

/** What outer steps draw, each number from a stream that is named by the step and the place in the meta-batch. */
export class Draws {
  /** What was drawn or thrown ahead, for the steps that come next. */
  readonly #ahead: (() => Awaitable<Draw>)[] = [];

  /**
   * @param drawsTasks whether the routine of these choices draws the tasks itself
   * @param check called with every other task
   */
  constructor(
    private readonly problem: Problem,
    private readonly compiled: CompiledProblem,
    private readonly estimator: Estimator,
    private readonly identity: RunIdentity,
    private readonly drawsTasks: (choices: readonly Choice[]) => Awaitable<boolean>,
    private readonly check: (task: HostTree) => void,
  ) {}

  /** What step k draws; k counts from 1. @throws what the problem's task throws */
  at(k: number, state: Data): Awaitable<Draw> {
    const ahead = this.#ahead.shift();
    return ahead ? ahead() : this.#draw(k, state);
  }

  /**
   * What steps from k on draw, as long as their tasks are those of step k; at most so many. What is drawn and does not belong to the row waits
   * for its step.
   */
  row(k: number, first: Draw, state: Data, most: number): Draw[] {
    const row = [first];
    while (row.length < most) {
      if (!this.#ahead.length) this.#drawAhead(k + row.length, state);
      let next: Awaitable<Draw>;
      try {
        next = this.#ahead[0]();
      } catch {
        // It is thrown when its step is asked for.
        break;
      }
      if (isPromise(next) || !next.tasks.every((task, i) => task === first.tasks[i])) break;
      this.#ahead.shift();
      row.push(next);
    }
    return row;
  }

  #drawAhead(k: number, state: Data): void {
    try {
      const next = this.#draw(k, state);
      // Whoever asks for the step is told what went wrong.
      if (isPromise(next)) next.catch(() => undefined);
      this.#ahead.push(() => next);
    } catch (error) {
      this.#ahead.push(() => {
        throw error;
      });
    }
  }

  /** Draws that were not used: they wait for their steps. */
  back(draws: readonly Draw[]): void {
    this.#ahead.unshift(...draws.map(draw => () => draw));
  }

  #draw(k: number, state: Data): Awaitable<Draw> {
    const choices = this.#choices(k, state),
      own = this.drawsTasks(choices);
    if (isPromise(own)) return own.then(async yes => ({ choices, tasks: yes ? [] : await this.#tasks(k) }));
    const tasks = own ? [] : this.#tasks(k);
    return isPromise(tasks) ? tasks.then(all => ({ choices, tasks: all })) : { choices, tasks };
  }

  /** The probability with which a task of step k has its target evaluated; no coin is thrown for it that counts. */
  chance(k: number, state: Data): number {
    return this.estimator.draw(state, stream(this.identity.seed, "draw", k, 0)).probability;
  }

  #choices(k: number, state: Data): readonly Choice[] {
    const { metaBatch, seed } = this.identity,
      choices: Choice[] = [];
    const number = (i: number) => (this.problem.tasks === undefined ? 0 : numberAt(this.problem.tasks, k, i));
    // What draws nothing at random draws the same for every place, unless each task goes on from an x of its own.
    if (!this.estimator.facts.random && !this.problem.carry)
      return new Array<Choice>(metaBatch).fill(this.estimator.draw(state, stream(seed, "draw", k, 0)));
    for (let i = 0; i < metaBatch; i++) choices.push(this.estimator.draw(state, stream(seed, "draw", k, i), number(i)));
    return choices;
  }

  #tasks(k: number): Awaitable<readonly HostTree[]> {
    const { metaBatch, seed } = this.identity,
      tasks: HostTree[] = [];
    const task = (i: number) => this.compiled.sample(seed, k, i) ?? this.problem.draw(seed, k, i);
    const add = (drawn: HostTree) => {
      this.check(drawn);
      tasks.push(drawn);
    };
    const later = async (first: Promise<HostTree>): Promise<readonly HostTree[]> => {
      add(await first);
      while (tasks.length < metaBatch) add(await task(tasks.length));
      return tasks;
    };
    for (let i = 0; i < metaBatch; i++) {
      const drawn = task(i);
      if (isPromise(drawn)) return later(drawn);
      add(drawn);
    }
    return tasks;
  }
}
