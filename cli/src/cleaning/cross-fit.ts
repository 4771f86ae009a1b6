import { architectures, Trainer } from "./classifier.js";
import type { Architecture, Weights } from "./classifier.js";
import { positions } from "./folds.js";
import type { CleaningContext } from "./input.js";
import { goldenSection, logSumExp } from "./numbers.js";

/** Log probabilities of each class, n × c, from classifiers that have not seen the row. */
export interface CrossFitted {
  readonly rows: Float64Array;
  /** The same of the trusted rows, m × c. */
  readonly trusted: Float64Array;
  readonly architecture: Architecture;
  /** Steps of training, chosen on the first part. */
  readonly steps: number;
  /** What logits were divided by. */
  readonly temperature: number;
}

/** What is cross-fitted. Rows of both kinds have been dealt into the same number of parts. */
export interface CrossFitData {
  readonly width: number;
  readonly classes: number;
  readonly folds: number;
  readonly rows: Part;
  /** None where there are no trusted rows. */
  readonly trusted: Part & {
    /** How often each trusted row is trained on beside the others: 0 leaves them out. */
    readonly repeats: number;
  };
}

interface Part {
  readonly features: Float32Array;
  /** e[y] = log P(what is known of the row | true class y), n × c. */
  readonly evidence: Float32Array;
  readonly fold: Int32Array;
}

/** Evidence of a label that is taken for true. */
export function plainEvidence(labels: Int32Array, classes: number): Float32Array {
  const evidence = new Float32Array(labels.length * classes).fill(-30);
  labels.forEach((label, i) => (evidence[i * classes + label] = 0));
  return evidence;
}

/** Evidence of a label that came through a noise model: log T[y, ỹ], not below −30. */
export function noisyEvidence(labels: Int32Array, transition: Float64Array, classes: number): Float32Array {
  const evidence = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => {
    for (let y = 0; y < classes; y++) evidence[i * classes + y] = Math.max(Math.log(transition[y * classes + label]), -30);
  });
  return evidence;
}

/** −log Σ_y p(y | x) exp e[y], the mean over rows, of probabilities whose logits are divided by a temperature. */
export function meanLoss(logP: Float64Array, evidence: Float32Array, classes: number, temperature = 1): number {
  const n = logP.length / classes,
    [cooled, both] = [new Float64Array(classes), new Float64Array(classes)];
  let loss = 0;
  for (let i = 0; i < n; i++) {
    for (let y = 0; y < classes; y++) cooled[y] = logP[i * classes + y] / temperature;
    for (let y = 0; y < classes; y++) both[y] = cooled[y] + evidence[i * classes + y];
    loss += logSumExp(cooled) - logSumExp(both);
  }
  return loss / n;
}

/** Log probabilities at a temperature, in place. */
export function cool(logP: Float64Array, classes: number, temperature: number): void {
  for (let start = 0; start < logP.length; start += classes) {
    const row = logP.subarray(start, start + classes);
    for (let y = 0; y < classes; y++) row[y] /= temperature;
    const norm = logSumExp(row);
    for (let y = 0; y < classes; y++) row[y] -= norm;
  }
}

/** The temperature at which held-out rows are likeliest; see Guo et al., On calibration of modern neural networks, ICML 2017. */
export const bestTemperature = (logP: Float64Array, evidence: Float32Array, classes: number): number =>
  Math.exp(goldenSection(t => meanLoss(logP, evidence, classes, Math.exp(t)), Math.log(0.2), Math.log(5)));

/** Both kinds of rows behind each other, to be trained on. */
function joined({ rows, trusted }: CrossFitData) {
  const join = (a: Float32Array, b: Float32Array): Float32Array => {
    const both = new Float32Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return both;
  };
  return trusted.repeats > 0
    ? { features: join(rows.features, trusted.features), evidence: join(rows.evidence, trusted.evidence) }
    : { features: rows.features, evidence: rows.evidence };
}

/** Puts predictions of some rows where they belong. */
function place(all: Float64Array, some: Float64Array, rows: Int32Array, classes: number): void {
  rows.forEach((to, from) => all.set(some.subarray(from * classes, (from + 1) * classes), to * classes));
}

/** Positions that a part's classifier learns from, within the joined rows. */
function learned({ rows, trusted }: CrossFitData, f: number): Int32Array {
  const own = positions(rows.fold, other => other !== f);
  if (trusted.repeats === 0) return own;
  const theirs = positions(trusted.fold, other => other !== f),
    all = new Int32Array(own.length + trusted.repeats * theirs.length);
  all.set(own);
  for (let at = own.length, k = 0; at < all.length; at++, k++) all[at] = rows.fold.length + theirs[k % theirs.length];
  return all;
}

/**
 * Trains one classifier for each part on all other parts, and asks it about the rows of its own. The kind of classifier and the number of steps are those
 * whose loss on the first part is least; the temperature is the likeliest one on all.
 *
 * @param kinds among which is chosen
 * @param what is done, for who is told
 */
export async function crossFit(
  data: CrossFitData,
  context: CleaningContext,
  what: string,
  kinds: readonly Architecture[] = architectures,
): Promise<CrossFitted> {
  const { width, classes, folds, rows, trusted } = data,
    { executor, progress, signal } = context,
    whole = joined(data),
    parts = Array.from({ length: folds }, (_, f) => learned(data, f)),
    shape = { width, classes, rows: Math.max(...parts.map(part => part.length)) },
    n = rows.fold.length,
    m = trusted.fold.length,
    found = { rows: new Float64Array(n * classes), trusted: new Float64Array(m * classes) },
    trainings = kinds.length + folds - 1;
  let done = 0;
  const train = async (trainer: Trainer, f: number, states: readonly number[]) => {
    signal?.throwIfAborted();
    progress?.(what, done++ / trainings);
    return trainer.train({ ...whole, rows: parts[f] }, states, context.seed + 7919 * f, signal);
  };
  const heldOut = positions(rows.fold, f => f === 0),
    heldEvidence = new Float32Array(heldOut.length * classes);
  heldOut.forEach((from, to) => heldEvidence.set(rows.evidence.subarray(from * classes, (from + 1) * classes), to * classes));

  let best: { trainer: Trainer; steps: number; weights: Weights; loss: number } | undefined;
  for (const kind of kinds) {
    const trainer = new Trainer(kind, shape, executor),
      states = await train(trainer, 0, trainer.choices);
    for (const [at, weights] of states.entries()) {
      const loss = meanLoss(await trainer.predict(weights, rows.features, heldOut), heldEvidence, classes);
      if (best === undefined || loss < best.loss) best = { trainer, steps: trainer.choices[at], weights, loss };
    }
  }
  const { trainer, steps } = best!;
  for (let f = 0; f < folds; f++) {
    const weights = f === 0 ? best!.weights : (await train(trainer, f, [steps]))[0],
      own = positions(rows.fold, other => other === f),
      theirs = positions(trusted.fold, other => other === f);
    place(found.rows, await trainer.predict(weights, rows.features, own), own, classes);
    place(found.trusted, await trainer.predict(weights, trusted.features, theirs), theirs, classes);
  }
  // Trusted rows know which class it is; where they were left out, or there are none, the given labels do for what the classifier says of these.
  const temperature =
    trusted.repeats > 0 && m > 0
      ? bestTemperature(found.trusted, trusted.evidence, classes)
      : bestTemperature(found.rows, rows.evidence, classes);
  cool(found.rows, classes, temperature);
  cool(found.trusted, classes, temperature);
  return { ...found, architecture: trainer.architecture, steps, temperature };
}
