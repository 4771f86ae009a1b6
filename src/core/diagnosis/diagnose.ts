import { effortOf } from "../../program/effort.js";
import { fail } from "../../tensor/error.js";
import { bytesOf, sizeOf } from "../../tensor/types.js";
import type { HostTree } from "../../tensor/types.js";
import type { Counts } from "../counts.js";
import { addCounts, evaluations, noCounts } from "../counts.js";
import { isSweep } from "../estimators/both-gradients.js";
import type { SweepEstimator } from "../estimators/sweep-estimator.js";
import { workOfPass } from "../estimators/sweep-estimator.js";
import type { CompiledProblem } from "../evaluation/compiled-problem.js";
import { Pauses } from "../evaluation/pauses.js";
import { step } from "../problem/definitions.js";
import type { Problem } from "../problem/problem.js";
import { stream } from "../random/index.js";
import { notesOf } from "../solve/check-memory.js";
import { leavesWithPaths } from "../trees/host-tree.js";
import type { Resampled } from "./bootstrap.js";
import { resampled } from "./bootstrap.js";
import type { Candidate } from "./candidates.js";
import { candidatesOf, defaultCandidates } from "./candidates.js";
import { compareAll, pointResult, targetFigures } from "./compare.js";
import { costsOver, workOf, workOfOne } from "./costs.js";
import { KINDS } from "./inner-products.js";
import { lookAlong, planLook } from "./look-along.js";
import { clockCosts } from "./measure-clock.js";
import type { Strategy } from "./memory.js";
import { metasmoothness } from "./metasmoothness.js";
import { strategiesOf } from "./memory.js";
import type { DiagnoseContext, DiagnoseOptions } from "./options.js";
import { panelOf } from "./panel.js";
import type { Point } from "./points.js";
import { pointsAlong } from "./points.js";
import { biasedPredictions, byExponent, cheapest, predictions, probabilityOver } from "./predict.js";
import { withClock } from "./predict-clock.js";
import { stepwisePrediction } from "./predict-stepwise.js";
import { recommend } from "./recommend.js";
import type { Diagnosis } from "./result.js";
import type { PointSample } from "./sample.js";
import { sampleAll } from "./sampling.js";
import { Tasks } from "./tasks.js";

/** Where nothing is said: outer steps of the run, θ along it, tasks at each, and the part of a moment that half of its interval may be. */
const defaults = { outerSteps: 48, points: 4, pointsOfOneTask: 8, tasks: 128, precision: 0.1 } as const;
/** Not so many steps and tasks where they are dear: in units of `effortOf`, about a nanosecond each, so that it is the same on every machine. */
const EFFORT = { run: 20e9, sampling: 40e9, timing: 5e9 } as const;
/** But no fewer than these. */
const FEWEST = { outerSteps: 4, tasks: 4 } as const;
/** Of a budget, the part that the run may take along which θ is looked at. */
const RUN = 0.4;
/** Bytes of gradients that are held at most, and tasks of a block in which pairs are made. */
const HELD = 256e6,
  BLOCK = 8;
/** Leaves of θ that are looked at one by one. */
const MOST_LEAVES = 24;
/** Additions that resampling may take: fewer resamples where there is much to be added. */
const ADDITIONS = 1e9,
  RESAMPLES = { least: 400, most: 1000, ofPoint: 400 } as const;

/** What `diagnoseWith` is given beside its options. */
export interface Given {
  readonly problem: Problem;
  readonly compiled: CompiledProblem;
  /** θ₀. */
  readonly theta: HostTree;
}

/** @throws if no exact gradient fits into the memory */
function possible(compiled: CompiledProblem, room: number): Strategy[] {
  const strategies = strategiesOf(compiled, room);
  if (!strategies.some(({ fits }) => fits)) {
    const { bytes } = strategies[strategies.length - 1];
    fail("diagnose's memory", `must hold one state of the inner loop at least, ${bytes.toLocaleString("en")} bytes`, `${room}`);
  }
  return strategies;
}

/** Diagnoses a compiled problem; see `diagnose` of the package. */
export async function diagnoseWith(
  { problem, compiled, theta }: Given,
  options: DiagnoseOptions,
  context: DiagnoseContext,
): Promise<Diagnosis> {
  const started = performance.now(),
    { seed = 1, metaBatch = 1, precision = defaults.precision, budget = {}, signal, progress, clock = true } = options,
    pauses = new Pauses(signal);
  signal?.throwIfAborted();
  if (problem.carry)
    fail("diagnose", "takes problems whose inner loop begins at init", "one that goes on from where it left φ (inner.carry)");
  const room = Math.min(options.memory ?? Infinity, compiled.capacity - compiled.executor.usage().bytes),
    strategies = possible(compiled, room),
    // Residuals give the bits of the others to rounding only, and their room is not known to hold those of several sweeps.
    target = cheapest(
      compiled,
      strategies.filter(({ kind }) => kind !== "residuals"),
    ).exact,
    candidates = candidatesOf(compiled, options.candidates ?? defaultCandidates(compiled)),
    panel = panelOf(
      compiled,
      target,
      candidates.flatMap(({ estimator }) => (estimator ? [estimator] : [])),
    ),
    tasks = new Tasks(problem, compiled, seed),
    by = (await tasks.areOne()) ? ("points" as const) : ("tasks" as const),
    unit = effortOf(compiled.programs.of(step).program),
    points = await pointsOf(
      { problem, compiled, theta },
      target,
      by === "points" ? defaults.pointsOfOneTask : defaults.points,
      unit,
      options,
      context,
    ),
    left = () => ({
      seconds: (budget.seconds ?? Infinity) - (performance.now() - started) / 1000,
      evaluations: (budget.evaluations ?? Infinity) - evaluations(points.counts) - look.evaluations,
    });
  const loopGrounds = {
      ...{ compiled, target, points: points.points, tasks, seed, alone: by === "points", unit },
      left: { seconds: budget.seconds ?? Infinity, evaluations: (budget.evaluations ?? Infinity) - evaluations(points.counts) },
    },
    look = planLook(loopGrounds, options),
    leftAfter = (counts: Counts) => ({ seconds: left().seconds, evaluations: left().evaluations - evaluations(counts) });

  const names = leavesWithPaths(theta).map(([path]) => path),
    perLeaf = names.length > 1 && names.length <= MOST_LEAVES,
    bytes = compiled.programs.thetaTypes.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesOf[dtype], 0),
    held = Math.floor(HELD / Math.max(1, bytes * (candidates.length + 1) * points.points.length)),
    effort = workOfPanel(compiled, target, candidates) * unit * points.points.length,
    affordable = Math.max(FEWEST.tasks, Math.floor(EFFORT.sampling / effort)),
    sampled = await sampleAll(
      {
        panel,
        candidates,
        points: points.points,
        tasks,
        by,
        seed,
        most: by === "points" ? 1 : Math.min(options.tasks ?? Math.min(defaults.tasks, affordable), tasks.count),
        precision,
        leaves: names.length,
        perLeaf,
        blockSize: Math.max(2, Math.min(BLOCK, held)),
        left,
        progress,
        tooLittle: context.tooLittle,
      },
      pauses,
    ),
    { samples, example } = sampled;

  progress?.("intervals");
  const scopes = perLeaf ? names.length + 1 : 1,
    length = scopes * candidates.length * KINDS,
    resample = (of: readonly PointSample[], most: number, numbers: number, ...index: number[]): Resampled =>
      resampled(of, {
        length: numbers,
        count: Math.min(most, options.resamples ?? resamplesFor(of, numbers)),
        by,
        random: stream(seed, "diagnosis's resamples", ...index),
      }),
    sample = resample(samples, Infinity, length),
    each = samples.length === 1 ? [sample] : samples.map((one, k) => resample([one], RESAMPLES.ofPoint, candidates.length * KINDS, k)),
    results = compareAll(sample, candidates, perLeaf ? names : []),
    pointResults = points.points.map((point, k) => pointResult(point, each[k], candidates)),
    grounds = { compiled, strategies, candidates, sample, last: each[each.length - 1], metaBatch },
    loop = await lookAlong(loopGrounds, look, progress, pauses),
    ends = samples.length > 1 ? [samples[0], samples[samples.length - 1]] : samples,
    coins = stepwisePrediction(grounds, { steps: loop.steps, samples: ends, each: look.each }, room),
    predicted = [...predictions(grounds), ...(coins ? [coins] : [])],
    biased = biasedPredictions(grounds),
    found = recommend({
      predictions: predicted,
      biased,
      candidates,
      results,
      points: pointResults,
      strategies,
      room,
      metaBatch,
      loop: loop.steps,
    });

  const at = Math.max(
      0,
      candidates.findIndex(({ estimator }) => estimator?.work),
    ),
    { estimator: baseline, name } = candidates[at],
    baselines = candidates.flatMap(({ estimator }) => (estimator?.work ? [estimator] : [])),
    { d2, rho, scale, bias } = results[at],
    costsBy = (strategy: Strategy) =>
      baseline ? costsOver(compiled, baseline, strategy.exact) : { det: 0, rnd: workOfOne(compiled, strategy.exact)! },
    short = strategies.filter(s => s.fits && 30 * workOfOne(compiled, s.exact)! * unit < EFFORT.timing);
  const smooth = await metasmoothness({ ...loopGrounds, left: leftAfter(sampled.counts) }, options);
  if (clock) progress?.("times");
  const seconds = clock
    ? await clockCosts(compiled, example.theta, example.task, { baseline, candidates: baselines, strategies: short, enough: 2 }, pauses)
    : undefined;
  return {
    seed,
    innerSteps: compiled.steps,
    metaBatch,
    target: target.name,
    ...targetFigures(sample, candidates.length),
    baseline: name,
    d2,
    rho,
    scale,
    bias,
    costs: {
      ...workOf(compiled),
      det: costsBy(strategies[0]).det,
      rnd: Object.fromEntries(strategies.map(strategy => [strategy.kind, costsBy(strategy).rnd])),
      ...(seconds ? { seconds } : {}),
    },
    q: byExponent(p => probabilityOver(grounds, at, costsBy(cheapest(compiled, strategies)), p)),
    candidates: results,
    points: pointResults,
    tasks: Math.min(...samples.map(one => one.tasks)),
    resampled: by,
    memory: {
      room,
      strategies: strategies.map(({ exact, states, bytes: of, fits }) => ({ estimator: exact.name, states, bytes: of, fits })),
    },
    predictions: withClock(predicted, seconds, compiled.steps),
    biased,
    loop: loop.steps,
    ...(smooth.found ? { metasmoothness: smooth.found } : {}),
    recommended: found.estimator,
    reason: found.reason,
    recommendation: found.text,
    ended: sampled.ended,
    notes: [...notesOf(compiled, target), ...points.notes, ...loop.notes, ...smooth.notes],
    counts: [points, sampled, loop, smooth].reduce((sum, { counts }) => addCounts(sum, counts), noCounts),
    seconds: (performance.now() - started) / 1000,
  };
}

/** The θ that are looked at. */
async function pointsOf(
  { problem, compiled, theta }: Given,
  target: SweepEstimator,
  points: number,
  unit: number,
  options: DiagnoseOptions,
  context: DiagnoseContext,
): Promise<{ readonly points: readonly Point[]; readonly counts: Counts; readonly notes: readonly string[] }> {
  const { metaBatch = 1, budget = {} } = options,
    affordable = Math.floor(EFFORT.run / (metaBatch * workOfOne(compiled, target)! * unit)),
    most = Math.max(FEWEST.outerSteps, Math.min(defaults.outerSteps, affordable)),
    part = (limit: number | undefined) => (limit === undefined ? undefined : RUN * limit);
  return pointsAlong(
    problem,
    compiled,
    theta,
    target,
    options,
    {
      outerSteps: options.outerSteps ?? most,
      points: options.points ?? points,
      seconds: part(budget.seconds),
      evaluations: part(budget.evaluations),
    },
    context,
  );
}

/** Operations of a panel in units of an inner step's. */
function workOfPanel(compiled: CompiledProblem, target: SweepEstimator, candidates: readonly Candidate[]): number {
  const all = candidates.flatMap(({ estimator }) => (estimator ? [estimator] : [])),
    sweeps = all.filter(isSweep).map(({ sweep }) => sweep(compiled.steps));
  return (
    workOfPass(compiled, [target.sweep(compiled.steps), ...sweeps], target.memory)
    + all.reduce((sum, estimator) => sum + (isSweep(estimator) ? 0 : (workOfOne(compiled, estimator) ?? 0)), 0)
  );
}

/** As many resamples as the work allows: the same everywhere. */
function resamplesFor(samples: readonly PointSample[], numbers: number): number {
  const rows = samples.reduce((sum, { rows: n }) => sum + n, 0);
  return Math.max(RESAMPLES.least, Math.min(RESAMPLES.most, Math.floor(ADDITIONS / (rows * numbers))));
}
