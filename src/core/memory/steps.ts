import type { Awaitable } from "../../executors/executor.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { State } from "../evaluation/machine.js";
import type { Walk, WalkReport } from "./strategy.js";

/**
 * φ_to from φ_from, for from < to; the result is the caller's, and so does `state` stay. The states between are put into
 * `keep` if it is given, and released otherwise.
 */
export async function advance(walk: Walk, state: State, from: number, to: number, keep?: State[]): Promise<State> {
  if (!keep && walk.unroll) {
    const next = walk.forward(state, from + 1);
    return walk.unroll(isPromise(next) ? await next : next, from + 1, to);
  }
  let current = state;
  for (let j = from + 1; j <= to; j++) {
    const between = j > from + 1;
    let next: State;
    try {
      const answer = walk.forward(current, j);
      next = isPromise(answer) ? await answer : answer;
    } catch (error) {
      if (between) walk.release(current);
      throw error;
    }
    if (between) {
      if (keep) keep.push(current);
      else walk.release(current);
    }
    current = next;
  }
  return current;
}

/** Calls `atEnd` with φ_to, then releases φ_to, also if the call fails. */
export async function endAndRelease(walk: Walk, state: State): Promise<void> {
  try {
    await walk.atEnd(state);
  } finally {
    walk.release(state);
  }
}

/** Calls `visit` with φ_{j−1}, then releases φ_{j−1}, also if the call fails. Not an async function: it is called at every step, and a promise each time would cost more than a small step. */
export function visitAndRelease(walk: Walk, state: State, j: number): Awaitable<void> {
  let answer: Awaitable<void>;
  try {
    answer = walk.visit(state, j);
  } catch (error) {
    walk.release(state);
    throw error;
  }
  if (isPromise(answer)) return answer.finally(() => walk.release(state));
  walk.release(state);
}

/** A walk over no steps: φ_from is φ_to, there is nothing to visit. */
export async function walkNoSteps(walk: Walk): Promise<WalkReport> {
  await endAndRelease(walk, walk.start);
  return { peakStates: 0 };
}

/** Releases the states that are still kept, and empties the list. After a walk that finished there are none. */
export function releaseAll(walk: Walk, held: State[]): void {
  for (let state = held.pop(); state; state = held.pop()) walk.release(state);
}
