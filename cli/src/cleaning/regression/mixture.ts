import { logStudent } from "./student.js";

/** How right values scatter around predictions, and where wrong ones lie. */
export interface ErrorModel {
  /** π, the share of wrong values. */
  readonly share: number;
  /** σ: right residuals scatter with σ times their local scale. */
  readonly sigma: number;
  /** ν, degrees of freedom of Student's t: how heavy the tails of right residuals are. */
  readonly freedom: number;
  /** Of wrong values, the part that another row might have. */
  readonly mixed: number;
  /** No residual is larger. */
  readonly widest: number;
  /** Σ log density of all rows. */
  readonly likelihood: number;
}

/** Residuals of rows, in scales of the target. */
export interface Residuals {
  readonly residual: Float64Array;
  /** s_i, the local scale of right residuals, but for σ. */
  readonly scale: Float64Array;
  /** The given values, with median 0 and scale 1. */
  readonly value: Float64Array;
}

/** Degrees of freedom among which is chosen; the last is as good as a normal distribution. */
const freedoms = [3, 4, 6, 10, 20, 100] as const;

const logNormal = (x: number): number => -0.5 * x * x - 0.5 * Math.log(2 * Math.PI);

/** From so many local scales on, wrong values are as likely in every order of magnitude. */
const seen = 4;

/** Density of a value that is off by any order of magnitude: of |r| it is 1/(|r| + 4 s) up to the widest, to both sides. */
function anyMagnitude(residual: number, scale: number, widest: number): number {
  const from = seen * scale;
  return 1 / (2 * (Math.abs(residual) + from) * Math.log1p(widest / from));
}

/** Both densities of a wrong value. */
function wrongParts({ residual, scale, value }: Residuals, i: number, widest: number): readonly [mixed: number, far: number] {
  return [Math.exp(logNormal(value[i])), anyMagnitude(residual[i], scale[i], widest)];
}

/** The log-odds that a value is wrong. */
export function wrongLogOdds(model: ErrorModel, rows: Residuals): Float64Array {
  const prior = Math.log(model.share) - Math.log1p(-model.share);
  return Float64Array.from(rows.residual, (r, i) => {
    const [mixed, far] = wrongParts(rows, i, model.widest);
    return prior + Math.log(model.mixed * mixed + (1 - model.mixed) * far) - logStudent(r, model.sigma * rows.scale[i], model.freedom);
  });
}

/**
 * What right residuals count in the next fit, (ν + 1) / (ν + z²): the far ones of Student's t say less about where the others are.
 *
 * Source: Lange, Little, Taylor, Journal of the American Statistical Association 84, 1989.
 */
export const studentWeights = ({ sigma, freedom }: ErrorModel, { residual, scale }: Residuals): Float64Array =>
  residual.map((r, i) => (freedom + 1) / (freedom + (r / (sigma * scale[i])) ** 2));

/** What is fitted to. */
export interface MixtureData {
  readonly rows: Residuals;
  /** Residuals of rows that are known to be right. */
  readonly right: Pick<Residuals, "residual" | "scale">;
}

/** Rounds of expectation maximization at most, and the change of the share at which it has come to rest. */
const [rounds, rest] = [200, 1e-7];
/** Of more rows than this so many are taken, evenly: what is found of them holds for the others. */
const enough = 20_000;
/** So much is said of the share before anything is seen, in rows: half a wrong one and ten right ones. */
const before = { wrong: 0.5, right: 10 } as const;

function maximize({ rows, right }: MixtureData, start: ErrorModel, most: number): ErrorModel {
  const all = rows.residual.length,
    n = Math.min(all, enough),
    rowAt = (k: number): number => (n === all ? k : Math.floor((k * all) / n)),
    [asMixed, asFar] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) [asMixed[k], asFar[k]] = wrongParts(rows, rowAt(k), start.widest);
  let model = start;
  for (let round = 0; round < most; round++) {
    let [wrong, mixed, squares, count, likelihood] = [0, 0, 0, 0, 0];
    const { sigma, freedom, share } = model;
    const add = (residual: number, scale: number, weight: number): void => {
      const z2 = (residual / (sigma * scale)) ** 2;
      squares += (weight * ((freedom + 1) / (freedom + z2)) * residual ** 2) / scale ** 2;
      count += weight;
    };
    for (let k = 0; k < n; k++) {
      const i = rowAt(k),
        swapped = share * model.mixed * asMixed[k],
        far = share * (1 - model.mixed) * asFar[k],
        total = swapped + far + (1 - share) * Math.exp(logStudent(rows.residual[i], sigma * rows.scale[i], freedom)),
        p = (swapped + far) / total;
      wrong += p;
      mixed += swapped / total;
      likelihood += Math.log(total);
      add(rows.residual[i], rows.scale[i], 1 - p);
    }
    right.residual.forEach((r, j) => {
      likelihood += logStudent(r, sigma * right.scale[j], freedom);
      add(r, right.scale[j], 1);
    });
    const next: ErrorModel = {
      ...model,
      share: (wrong + before.wrong) / (n + before.wrong + before.right),
      mixed: (mixed + 0.5) / (wrong + 1),
      sigma: Math.sqrt(squares / Math.max(count, 1e-12)),
      likelihood,
    };
    const still = Math.abs(next.share - share) < rest && Math.abs(next.sigma / sigma - 1) < 1e-6;
    model = next;
    if (still) break;
  }
  return model;
}

/**
 * The likeliest error model by expectation maximization:
 *
 *     p(r_i) = (1 − π) t_ν(r_i; σ s_i) + π [m N(y_i; 0, 1) + (1 − m) 1/(2 (|r_i| + 4 s_i) log(1 + R/(4 s_i)))],
 *
 * where a wrong value is one that another row might have, or is off by any order of magnitude up to R. Residuals that are known to be right take part in σ
 * and ν. ν is the likeliest of a few.
 *
 * @param from a model near which it begins; its ν stays
 */
export function fitErrors(data: MixtureData, from?: ErrorModel, most: number = rounds): ErrorModel {
  if (from !== undefined) return maximize(data, from, most);
  const { residual, scale } = data.rows,
    widest = 2 * residual.reduce((far, r, i) => Math.max(far, Math.abs(r), 10 * scale[i]), 0);
  return freedoms
    .map(freedom => maximize(data, { share: 0.05, sigma: 1, freedom, mixed: 0.5, widest, likelihood: -Infinity }, most))
    .reduce((best, one) => (one.likelihood > best.likelihood ? one : best));
}
