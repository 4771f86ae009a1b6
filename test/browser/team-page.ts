// What runs in the page: a run by several threads.
import { adam, solve } from "../../src/index.js";

import { everywhere } from "../support/problems.js";
import { treeDigest } from "../support/tree-digest.js";

/** What a run in a page came to. */
export interface TeamSeen {
  readonly isolated: boolean;
  readonly theta: string;
  readonly workers: number;
  readonly notes: readonly string[];
  readonly outcome: string;
  /** Frames that the page drew meanwhile. */
  readonly frames: number;
}

declare global {
  /** Solves by so many threads; it is aborted after so many frames, if a number is given. */
  var solveBy: (workers: number | undefined, outerSteps: number, most?: number) => Promise<TeamSeen>;
}

globalThis.solveBy = async (workers, outerSteps, most = Infinity) => {
  const controller = new AbortController();
  let frames = 0;
  const frame = (): void => {
    if (++frames === most) controller.abort();
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const run = solve(everywhere.problem, {
    estimator: "ufom:0.5",
    outer: adam(0.01),
    outerSteps,
    metaBatch: 5,
    seed: 5,
    workers,
    signal: controller.signal,
  });
  const { theta, workers: found, notes, outcome } = await run.result();
  return { isolated: globalThis.crossOriginIsolated, theta: treeDigest(theta), workers: found, notes, outcome, frames };
};
