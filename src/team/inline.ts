import { evaluateBatch } from "../core/batch/evaluate.js";
import { recording } from "../core/batch/recordings.js";
import type { MakeTeam } from "../core/solve/team.js";

/** Computes the tasks one after another, here. */
export const inlineTeam: MakeTeam = (compiled, estimator, pauses) => ({
  name: "inline",
  recording: (choices, continuation) => recording(compiled, estimator, choices, continuation, pauses?.signal),
  mean: (theta, jobs, use) => evaluateBatch(compiled, estimator, theta, jobs, use, pauses),
  // The compiled problem belongs to the run.
  dispose() {},
});
