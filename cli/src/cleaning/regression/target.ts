import { linearAt, ridge } from "./ridge.js";
import type { Linear } from "./ridge.js";
import { centerAndScale, huberWeight, scaleOf } from "./robust.js";
import { logStudent } from "./student.js";

/** How values are to models: with median 0 and scale 1, as they are or by their logarithm. */
export interface Target {
  /** Whether it is the logarithm of a value that is predicted: of prices and sizes, whose errors are factors. */
  readonly log: boolean;
  readonly center: number;
  readonly scale: number;
}

export const targetOf = (values: Float64Array, log: boolean): Target => ({ log, ...centerAndScale(log ? values.map(Math.log) : values) });

/** Values as models see them. */
export const toModel = ({ log, center, scale }: Target, values: Float64Array): Float64Array =>
  values.map(y => ((log ? Math.log(y) : y) - center) / scale);

/** What a model says, in the values' own unit. */
export const fromModel = ({ log, center, scale }: Target, predicted: Float64Array): Float64Array =>
  predicted.map(y => (log ? Math.exp(center + scale * y) : center + scale * y));

/** How far right values scatter around a prediction, in the values' own unit: to one side, up. */
export const scatterAt = (target: Target, predicted: Float64Array, scatter: Float64Array): Float64Array => {
  const [at, above] = [
    fromModel(target, predicted),
    fromModel(
      target,
      predicted.map((y, i) => y + scatter[i]),
    ),
  ];
  return at.map((y, i) => above[i] - y);
};

/** Tails so heavy that wrong values decide nothing. */
const freedom = 4;
/** Logarithms must explain each value so much better on average, in nats. */
const worthwhile = 0.02;
/** Rows at most that decide. */
const most = 5000;

/** The mean log density of values around a robust linear model, half of which is fitted and half asked, and the other way round. */
function meanDensity(features: Float32Array, width: number, values: Float64Array, target: Target): number {
  const y = toModel(target, values),
    n = values.length,
    step = Math.max(1, Math.ceil(n / most)),
    rows = Int32Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step);
  let [total, count] = [0, 0];
  for (const half of [0, 1]) {
    const [own, asked] = [rows.filter((_, i) => i % 2 !== half), rows.filter((_, i) => i % 2 === half)],
      ownValues = Float64Array.from(own, row => y[row]);
    let left = ownValues;
    let model: Linear = { w: new Float64Array(width), b: 0 };
    for (let round = 0; round < 5; round++) {
      const scale = scaleOf(left);
      model = ridge(
        { features, width, rows: own },
        ownValues,
        left.map(r => huberWeight(r / scale)),
        0.001,
      );
      left = ownValues.map((value, i) => value - linearAt(model, features, own[i]));
    }
    const scale = scaleOf(left);
    for (const row of asked) {
      // The density of a value is that of its logarithm over the value.
      total +=
        logStudent(y[row] - linearAt(model, features, row), scale, freedom)
        - Math.log(target.scale)
        - (target.log ? Math.log(values[row]) : 0);
      count++;
    }
  }
  return total / count;
}

/** Whether values are predicted as they are or by their logarithms: as is likelier, and as they are where hardly anything says otherwise or a value is not above 0. */
export function chooseTarget(features: Float32Array, width: number, values: Float64Array, trusted: Float64Array): Target {
  const plain = targetOf(values, false);
  if (values.some(y => y <= 0) || trusted.some(y => y <= 0)) return plain;
  const log = targetOf(values, true);
  return meanDensity(features, width, values, log) > meanDensity(features, width, values, plain) + worthwhile ? log : plain;
}
