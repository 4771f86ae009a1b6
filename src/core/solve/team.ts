import type { HostTree } from "../../tensor/types.js";
import type { Choice, Estimate, Estimator } from "../estimators/estimator.js";
import type { Kernels } from "../evaluation/compiled-problem.js";
import type { MeanEstimate } from "./mean.js";

/** One task of a meta-batch, as data: what a worker that has the programs and the estimator's name needs besides. */
export interface Job {
  readonly theta: HostTree;
  readonly task: HostTree;
  /** Drawn by who asks, so that it does not depend on who computes. */
  readonly choice: Choice;
}

/** Who computes the tasks of a meta-batch. */
export interface Team {
  readonly name: string;
  /** The estimates, in the order of the jobs: numbers do not depend on who computed what. */
  estimate(jobs: readonly Job[]): Promise<Estimate[]>;
  /** Their mean, as that of the estimates one by one; there is at least one job, and all have one θ. */
  mean(jobs: readonly Job[]): Promise<MeanEstimate>;
  dispose(): void;
}

/** Gathers a team for a run. */
export type MakeTeam = (kernels: Kernels, estimator: Estimator) => Team;
