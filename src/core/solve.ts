import type { Executor } from "../executors/executor.js";
import { hashProgram } from "../program/hash.js";
import type { Team } from "../team/team.js";
import { fail, UfomError } from "../tensor/error.js";
import type { FloatType, HostTree } from "../tensor/types.js";
import { averageTrees, inPrecision, isFiniteTree, normOf } from "./average.js";
import type { Checkpoint, RunIdentity } from "./checkpoint.js";
import { checkCheckpoint } from "./checkpoint.js";
import type { Counts, Estimate, Estimator } from "./estimators/estimator.js";
import { parseEstimator } from "./estimators/index.js";
import { Kernels } from "./kernels.js";
import { applyUpdates } from "./outer/index.js";
import type { OuterTransform, TransformState } from "./outer/transform.js";
import type { Problem } from "./problem.js";
import { checkSteps } from "./problem.js";
import { stream } from "./random.js";
import type { Outcome, SolveResult, SolveStep } from "./result.js";
import { addCounts, evaluations, noCounts } from "./result.js";

/** Limits of a run, looked at between outer steps. */
export interface Budget {
  readonly seconds?: number;
  /** Inner steps, products and outer gradients, one each. */
  readonly evaluations?: number;
}

/** How a problem is solved. */
export interface SolveOptions<TH = HostTree> {
  /** An estimator, or its spelling: `ufom:adaptive`. */
  readonly estimator: Estimator | string;
  /** What turns gradients into updates: `adam(1e-3)`. */
  readonly outer: OuterTransform;
  readonly outerSteps: number;
  /** Tasks an outer step averages over. */
  readonly metaBatch?: number;
  readonly seed?: number;
  readonly dtype?: FloatType;
  /** r, if not the problem's own. */
  readonly innerSteps?: number;
  /** θ₀, if not the problem's own. */
  readonly theta?: TH;
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
  /** A checkpoint of this problem and these options, to go on from. */
  readonly resume?: Checkpoint;
}

/** What `solve` needs from outside the core. */
export interface SolveContext {
  readonly executor: Executor;
  team(kernels: Kernels, estimator: Estimator): Team;
}

/** A run: iterate it for its steps, or await its result. */
export interface Solve<TH = HostTree> extends AsyncIterable<SolveStep> {
  /** The current θ. */
  readonly theta: TH;
  /** The state between two steps, to be saved. @throws before the first step was asked for */
  checkpoint(): Checkpoint;
  /** Runs what is left and says how it ended. */
  result(): Promise<SolveResult<TH>>;
}

const whole = (name: string, x: number, least: number) => {
  if (!Number.isInteger(x) || x < least) fail(`solve's ${name}`, `must be a whole number of at least ${least}`, `${x}`);
};

/** A sentence for each outcome that is not a failure of the numbers. */
const said = (outcome: Exclude<Outcome, "diverged">, steps: number): string =>
  ({
    finished: `All ${steps} outer steps are done.`,
    budget: `The budget was spent after ${steps} outer steps.`,
    stopped: `Stopped after ${steps} outer steps, as asked.`,
  })[outcome];

/** Solves a bi-level problem; see `solve` of the package. */
export function solveWith<TH extends HostTree>(problem: Problem<TH>, options: SolveOptions<TH>, context: SolveContext): Solve<TH> {
  const {
    outer,
    outerSteps,
    metaBatch = 1,
    seed = 1,
    dtype = "float32",
    innerSteps = problem.steps,
    budget = {},
    signal,
    resume,
  } = options;
  const estimator = typeof options.estimator === "string" ? parseEstimator(options.estimator) : options.estimator;
  whole("outerSteps", outerSteps, 0);
  whole("metaBatch", metaBatch, 1);
  checkSteps(problem, innerSteps);
  const identity: RunIdentity = { estimator: estimator.name, outer: outer.name, metaBatch, seed, dtype, innerSteps };

  let theta = inPrecision((resume?.theta ?? options.theta ?? problem.theta(seed)) as HostTree, dtype);
  let outerState: TransformState = resume?.outer ?? outer.init(theta);
  let estimatorState: unknown = resume ? resume.estimator : estimator.init(theta);
  let index = resume?.index ?? 0,
    counts: Counts = resume?.counts ?? noCounts,
    peakStates = resume?.peakStates ?? 0,
    loss = resume?.loss ?? NaN;
  let hash: string | undefined, result: SolveResult<TH> | undefined;
  const before = resume?.seconds ?? 0,
    seconds = { own: 0 };

  const end = (outcome: Outcome, message: string) => {
    result = { outcome, message, theta: theta as TH, outerSteps: index, loss, counts, peakStates, seconds: before + seconds.own };
  };
  const overBudget = () => before + seconds.own >= (budget.seconds ?? Infinity) || evaluations(counts) >= (budget.evaluations ?? Infinity);
  const check = (): boolean => {
    if (index >= outerSteps) end("finished", said("finished", index));
    else if (signal?.aborted) end("stopped", said("stopped", index));
    else if (overBudget()) end("budget", said("budget", index));
    return result !== undefined;
  };

  /** The next step; undefined if its numbers are not finite, which ends the run with θ as it was. */
  async function advance(team: Team): Promise<SolveStep | undefined> {
    const k = index + 1,
      jobs = [];
    for (let i = 0; i < metaBatch; i++) {
      jobs.push({
        theta,
        task: (await problem.task(seed, k, i)) as HostTree,
        choice: estimator.draw(estimatorState, stream(seed, "draw", k, i)),
      });
    }
    const estimates: readonly Estimate[] = await team.estimate(jobs);
    counts = estimates.reduce((sum, e) => addCounts(sum, e.counts), counts);
    peakStates = Math.max(peakStates, ...estimates.map(e => e.peakStates));
    const gradient = averageTrees(estimates.map(e => e.gradient)),
      mean = estimates.reduce((sum, e) => sum + e.loss, 0) / metaBatch;
    const norm = normOf(gradient),
      step = outer.update(gradient, outerState, theta, k),
      next = applyUpdates(theta, step.updates);
    const odd = !Number.isFinite(mean)
      ? `the outer loss is ${mean}`
      : !Number.isFinite(norm)
        ? "the gradient is not finite"
        : !isFiniteTree(next)
          ? "θ is not finite"
          : undefined;
    if (odd) {
      end("diverged", `Outer step ${k} diverged (${odd}); θ is that of step ${index}.`);
      return undefined;
    }
    theta = next;
    outerState = step.state;
    estimatorState = estimates.reduce((state, e) => estimator.observe(state, e), estimatorState);
    loss = mean;
    index = k;
    return {
      index,
      loss,
      gradientNorm: norm,
      probability: estimates[0].choice.probability,
      exactDraws: estimates.filter(e => e.choice.exact).length,
      counts,
      peakStates,
      seconds: before + seconds.own,
    };
  }

  async function* run(): AsyncGenerator<SolveStep, void> {
    const kernels = new Kernels(
      problem as unknown as Problem,
      { theta, task: (await problem.task(seed, 1, 0)) as HostTree },
      { executor: context.executor, dtype, innerSteps },
    );
    const { programs } = kernels;
    hash = hashProgram(programs.init) + hashProgram(programs.step) + hashProgram(programs.outer.program);
    const team = context.team(kernels, estimator);
    try {
      estimator.check(kernels);
      if (resume) checkCheckpoint(resume, hash, identity);
      while (!check()) {
        const started = performance.now(),
          step = await advance(team);
        seconds.own += (performance.now() - started) / 1000;
        if (!step) return;
        yield { ...step, seconds: before + seconds.own };
      }
    } finally {
      team.dispose();
      kernels.dispose();
    }
  }

  const steps = run();
  return {
    get theta() {
      return theta as TH;
    },
    [Symbol.asyncIterator]: () => steps,
    checkpoint() {
      if (hash === undefined) throw new UfomError("ufom: a run has a checkpoint from its first step on; it was asked for before.");
      return {
        version: 1,
        problem: hash,
        run: identity,
        index,
        theta,
        outer: outerState,
        estimator: estimatorState as TransformState,
        counts,
        peakStates,
        seconds: before + seconds.own,
        loss,
      };
    },
    async result() {
      for (;;) {
        const { done } = await steps.next();
        if (done) break;
      }
      // A loop that was left by `break` has closed the run.
      if (!result) end("stopped", said("stopped", index));
      return result as unknown as SolveResult<TH>;
    },
  };
}
