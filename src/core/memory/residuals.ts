import { fail } from "../../tensor/error.js";
import type { Awaitable } from "../../executors/executor.js";
import { isPromise } from "../evaluation/awaitable.js";
import type { State } from "../evaluation/machine.js";
import { endAndRelease, releaseAll, visitAndRelease, walkNoSteps } from "./steps.js";
import type { MemoryStrategy, Residuals, Resumable, Walk } from "./strategy.js";

/** The bound where none is stated. The same everywhere: how many steps keep their residuals may reach the last bits. */
const DEFAULT = 1e9;
/** Of the executor's room, this much is left to what programs need on their way. */
const MARGIN = 1 / 4;

const units: readonly (readonly [name: string, bytes: number])[] = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
  ["B", 1],
];

/** Bytes in the largest unit of which they are a whole number. */
const spelled = (bytes: number): string => {
  const [name, unit] = units.find(([, size]) => bytes > 0 && bytes % size === 0) ?? units[units.length - 1];
  return `${bytes / unit}${name}`;
};

/**
 * Keeps all r states, as `store` does, and of the last steps their residuals too: what a step computed on its way and its product needs again
 * (activations, normalizations, cotangents), where that is dearer to compute than to keep. No extra inner steps, and less work in the products.
 *
 * The steps whose residuals the bound has no room for keep only their states, which is told in `notes`. Gradients are those of the other strategies
 * to rounding: in most problems bit for bit, but the compiler chooses the order of a sum by how what it adds lies in memory.
 *
 * @param bytes the most that residuals may take beside the states, summed over the steps; 10⁹ unless given. Never more than three quarters of what
 * the executor can hold beside the states
 * @throws if `bytes` is not a whole number ≥ 0
 *
 * @example
 * exact(residuals()).name; // "exact:residuals"
 * exact(residuals(500e6)).name; // "exact:residuals=500MB"
 * residuals().extraSteps(100); // 0
 */
export function residuals(bytes?: number): MemoryStrategy {
  if (bytes !== undefined && !(Number.isSafeInteger(bytes) && bytes >= 0)) refuseBytes(`${bytes}`);
  return {
    name: bytes === undefined ? "residuals" : `residuals=${spelled(bytes)}`,
    order: "reverse",
    extraSteps: () => 0,
    states: r => r,
    residualSteps: (r, ofStep, room) => Math.min(r, Math.floor(Math.max(0, Math.min(bytes ?? DEFAULT, (1 - MARGIN) * room)) / ofStep)),

    async walk(walk) {
      const { from, to, start, residuals: kept } = walk;
      if (from === to) return walkNoSteps(walk);
      const first = to - Math.min(kept?.steps ?? 0, to - from),
        held: State[] = [start],
        withheld: State[] = [];
      try {
        let state = start;
        for (let j = from + 1; j <= to; j++) {
          const answer = kept && j > first ? keeping(kept.forward(state, j), withheld) : walk.forward(state, j);
          state = isPromise(answer) ? await answer : answer;
          if (j < to) held.push(state);
        }
        await endAndRelease(walk, state);
        for (let j = to; j > from; j--) {
          const own = withheld.pop(),
            at = held.pop()!;
          await (kept && own ? visitKept(walk, kept, { state: at, residuals: own }, j) : visitAndRelease(walk, at, j));
        }
      } finally {
        releaseAll(walk, withheld);
        releaseAll(walk, held);
      }
      return { peakStates: to - from };
    },
  };
}

/** The state that a step comes to; its residuals are put aside. */
export function keeping(answer: Awaitable<Resumable>, withheld: State[]): Awaitable<State> {
  const putAside = ({ state, residuals: own }: Resumable) => {
    withheld.push(own);
    return state;
  };
  return isPromise(answer) ? answer.then(putAside) : putAside(answer);
}

/** Visits a step with its residuals, then releases both, also if the visit fails. */
async function visitKept(walk: Walk, kept: Residuals, { state, residuals: own }: Resumable, j: number): Promise<void> {
  try {
    await kept.visit(state, j, own);
  } finally {
    walk.release(own);
    walk.release(state);
  }
}

/** The strategy spelled `residuals` or `residuals=500MB`, if the text begins so. */
export function parseResiduals(text: string): MemoryStrategy | undefined {
  if (text === "residuals") return residuals();
  const given = /^residuals=(.*)$/s.exec(text)?.[1];
  if (given === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(GB|MB|kB|B)$/.exec(given) ?? refuseBytes(JSON.stringify(given)),
    bytes = Math.round(Number(number) * units.find(([name]) => name === unit)![1]);
  return residuals(Number.isSafeInteger(bytes) ? bytes : refuseBytes(JSON.stringify(given)));
}

function refuseBytes(received: string): never {
  return fail("residuals", "wants a whole number of bytes, at least 0 (in a spelling with its unit: 500MB, 2GB)", received);
}
