// What runs in the page: something long, and frames beside it.
import { adam, defineProblem, hypergradient, np, solve, type Problem } from "../../src/index.js";
import { longLoop } from "../support/long-loop.js";

/** What was seen while something was computed. */
export interface Seen {
  /** Frames that the page drew. */
  readonly frames: number;
  /** The longest time between two of them, in milliseconds: told, not held to anything. */
  readonly longest: number;
  /** How it ended. */
  readonly end: string;
}

declare global {
  /** Computes until the page has drawn so many frames. */
  var computeFor: (what: "hypergradient" | "solve" | "routine", frames: number) => Promise<Seen>;
}

const long = longLoop(1_000_000_000);

/** One routine of several seconds. */
const wide = defineProblem({
  theta: random => random.normal([128, 128]),
  task: random => random.normal([128, 128]),
  init: theta => theta,
  inner: { loss: (_, phi, task) => np.square(np.matmul(phi, task).sub(1)).mean(), rate: 1e-6, steps: 150 },
  outer: (_, phi, task) => np.square(np.matmul(task, phi)).mean(),
});

globalThis.computeFor = async (what, most) => {
  const controller = new AbortController(),
    { signal } = controller;
  let frames = 0,
    last = performance.now(),
    longest = 0;
  const frame = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (++frames === most) controller.abort();
    else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const run = (problem: Problem, estimator: string) =>
    solve(problem, { estimator, outer: adam(1e-3), outerSteps: 1, signal })
      .result()
      .then(({ message }) => message);
  const computed = {
    hypergradient: () =>
      hypergradient(long, { estimator: "first-order", signal }).then(
        () => "done",
        (error: Error) => error.name,
      ),
    solve: () => run(long, "first-order"),
    routine: () => run(wide, "exact:recompute"),
  };
  const end = await computed[what]();
  return { frames, longest, end };
};
