import { dealFolds, foldsFor, positions } from "../folds.js";
import type { CleaningContext } from "../input.js";
import { sigmoid } from "../numbers.js";
import { CrossFitter, robustWeights } from "./cross-fit.js";
import type { Predicted, RegressionData } from "./cross-fit.js";
import type { RegressionInput, ValuedRows } from "./input.js";
import { fitErrors, wrongLogOdds } from "./mixture.js";
import type { ErrorModel, MixtureData, Residuals } from "./mixture.js";
import { localScale } from "./robust.js";
import { chooseTarget, toModel } from "./target.js";
import type { Target } from "./target.js";

/** What predictions say of each value: rows, and the trusted ones behind them. */
export interface Judged {
  readonly predicted: Float64Array;
  readonly residuals: Residuals;
  readonly errors: ErrorModel;
  /** Log-odds of wrong. */
  readonly z: Float64Array;
  /** p_wrong by an error model that was fitted without the row's own part. */
  readonly apart: Float64Array;
}

/** What several methods need, made when it is first asked for. */
export interface RegressionFits {
  readonly input: RegressionInput;
  readonly trusted: ValuedRows;
  readonly context: CleaningContext;
  readonly data: RegressionData;
  /** What values are to all models. */
  readonly target: Target;
  /** Rows that nobody has settled, of which the error model learns. */
  readonly open: Int32Array;
  /** Predictions by models that take all values as given, but far ones for less. */
  readonly base: () => Promise<Predicted>;
  /** Predictions by models of the same kind that are trained with other weights. */
  readonly refit: (weights: Float64Array, what: string) => Promise<Predicted>;
  readonly judge: (predicted: Float64Array) => Judged;
}

const none: ValuedRows = { features: new Float32Array(0), values: new Float64Array(0) };

const take = (x: Float64Array, rows: Int32Array): Float64Array => Float64Array.from(rows, row => x[row]);

/** Some of the residuals. */
export const some = ({ residual, scale, value }: Residuals, rows: Int32Array): Residuals => ({
  residual: take(residual, rows),
  scale: take(scale, rows),
  value: take(value, rows),
});

/** The scale of right residuals is made again with what the error model says of them. */
const scaleRounds = 3;

/** Error models of predictions: of all rows, and for each part of the others. */
function judgeWith({ values, fold, folds, rows: n }: RegressionData, open: Int32Array, predicted: Float64Array): Judged {
  const residual = values.map((y, i) => y - predicted[i]),
    right = Int32Array.from({ length: values.length - n }, (_, j) => n + j),
    known = new Int32Array(open.length + right.length);
  known.set(open);
  known.set(right, open.length);
  const where = take(predicted, known),
    left = take(residual, known);
  let counts: Float64Array = new Float64Array(known.length).fill(1),
    residuals!: Residuals,
    errors: ErrorModel | undefined;
  for (let round = 0; round < scaleRounds; round++) {
    const scaleAt = localScale(where, left, counts);
    residuals = { residual, scale: predicted.map(scaleAt), value: values };
    // How heavy the tails are is settled the first time.
    errors = fitErrors({ rows: some(residuals, open), right: some(residuals, right) }, errors);
    const z = wrongLogOdds(errors, some(residuals, open));
    counts = Float64Array.from(known, (_, i) => (i < open.length ? sigmoid(-z[i]) : 1));
  }
  const model = errors!,
    z = wrongLogOdds(model, residuals),
    apart = new Float64Array(values.length);
  for (let f = 0; f < folds; f++) {
    const others = (rows: Int32Array): Residuals =>
        some(
          residuals,
          rows.filter(row => fold[row] !== f),
        ),
      data: MixtureData = { rows: others(open), right: others(right) },
      own = positions(fold, g => g === f);
    wrongLogOdds(fitErrors(data, model), some(residuals, own)).forEach((odds, i) => (apart[own[i]] = sigmoid(odds)));
  }
  return { predicted, residuals, errors: model, z, apart };
}

/** Prepares the fits of an input that was checked. */
export function regressionFits(input: RegressionInput, context: CleaningContext): RegressionFits {
  const { rows, width, trusted = none, settled } = input,
    n = rows.values.length,
    m = trusted.values.length,
    folds = foldsFor(n),
    target = chooseTarget(rows.features, width, rows.values, trusted.values),
    features = new Float32Array((n + m) * width),
    fold = new Int32Array(n + m);
  features.set(rows.features);
  features.set(trusted.features, n * width);
  fold.set(dealFolds(new Int32Array(n), folds, context.seed, "rows"));
  fold.set(dealFolds(new Int32Array(m), folds, context.seed, "trusted rows"), n);
  const values = new Float64Array(n + m);
  values.set(toModel(target, rows.values));
  values.set(toModel(target, trusted.values), n);
  const data: RegressionData = { width, folds, features, values, fold, rows: n },
    open = Int32Array.from(rows.values.keys()).filter(i => settled?.[i] !== 1),
    fitter = new CrossFitter(data, context);
  let made: Promise<Predicted> | undefined;
  const base = (): Promise<Predicted> =>
    (made ??= fitter.choose(robustWeights(data, new Float64Array(n + m).fill(1)), "models of the given values"));
  return {
    ...{ input, trusted, context, data, target, open, base },
    refit: async (weights, what) => fitter.fit(weights, (await base()).choice, what),
    judge: predicted => judgeWith(data, open, predicted),
  };
}
