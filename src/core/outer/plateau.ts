import { fail } from "../../tensor/error.js";
import * as np from "../../tensor/np/index.js";
import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { map } from "../../tensor/tree.js";
import type { Value } from "../../tensor/value.js";
import { atLeastOne, nonNegative } from "./arguments.js";
import type { OuterTransform } from "./transform.js";

export interface PlateauOptions {
  /** f in (0, 1), by which the updates shrink; 0.1 unless told. */
  readonly factor?: number;
  /** How many mean losses in a row that are no better make a plateau; 10 unless told. */
  readonly patience?: number;
  /** δ in [0, 1], the relative improvement that counts; 1e-4 unless told. */
  readonly rtol?: number;
  /** The absolute improvement that counts; 0 unless told. */
  readonly atol?: number;
  /** How many mean losses are not looked at after the updates have shrunk; 0 unless told. */
  readonly cooldown?: number;
  /** n, how many steps' losses make one mean loss: losses of meta-batches are noisy; 1 unless told. */
  readonly accumulationSize?: number;
  /** The least s; 0 unless told. */
  readonly minScale?: number;
}

/** s, the best mean loss, how many since were no better, how many are still ignored, and the sum and the number of losses since the last mean. */
export type PlateauState = Readonly<Record<"scale" | "best" | "plateau" | "cooldown" | "sum" | "count", Value>>;

const plateauKeys: KeysOf<PlateauOptions> = {
  factor: true,
  patience: true,
  rtol: true,
  atol: true,
  cooldown: true,
  accumulationSize: true,
  minScale: true,
};

const defaults = { factor: 0.1, patience: 10, rtol: 1e-4, atol: 0, cooldown: 0, accumulationSize: 1, minScale: 0 } as const;

/**
 * Shrinks the updates when the loss stops falling: update = s·g. Of every n losses the mean L̄ is compared with the best so far: it is better where
 * L̄ < (1 − δ)·best − atol. After `patience` means in a row that were not, s ← max(f·s, minScale), and the next `cooldown` ones are ignored.
 *
 * @example
 * const outer = chain(adam(1e-2), reduceOnPlateau({ factor: 0.5, patience: 20, accumulationSize: 10 }));
 *
 * Source: `optax.contrib.reduce_on_plateau`, after PyTorch's `ReduceLROnPlateau`.
 *
 * @throws if an option is out of range, or neither δ nor atol is positive
 */
export function reduceOnPlateau(options?: PlateauOptions): OuterTransform<PlateauState> {
  const who = "reduceOnPlateau",
    given = Object.fromEntries(Object.entries(checkOptions(who, options, plateauKeys)).filter(([, x]) => x !== undefined)),
    { factor, patience, rtol, atol, cooldown, accumulationSize, minScale } = { ...defaults, ...given } as Required<PlateauOptions>;
  if (!(factor > 0 && factor < 1)) fail(who, "wants a factor in (0, 1)", `${factor}`);
  atLeastOne(who, "patience", patience);
  atLeastOne(who, "accumulationSize", accumulationSize);
  if (!Number.isSafeInteger(cooldown) || cooldown < 0) fail(who, "wants a whole cooldown, at least 0", `${cooldown}`);
  if (!(rtol >= 0 && rtol <= 1)) fail(who, "wants rtol in [0, 1]", `${rtol}`);
  for (const [what, x] of Object.entries({ atol, minScale })) nonNegative(who, what, x);
  if (rtol === 0 && atol === 0) fail(who, "wants a positive rtol or atol", "0 for both");

  /** The state after a mean loss. */
  const look = (mean: Value, { scale, best, plateau, cooldown: ignored }: PlateauState) => {
    const better = mean.less(best.mul(1 - rtol).sub(atol)),
      cooling = ignored.greater(0),
      worse = np.where(np.logicalOr(better, cooling), 0, plateau.add(1)),
      shrinks = worse.greaterEqual(patience);
    return {
      scale: np.where(shrinks, scale.mul(factor).maximum(minScale), scale),
      best: np.where(better, mean, best),
      plateau: np.where(shrinks, 0, worse),
      cooldown: np.where(cooling, ignored.sub(1), np.where(shrinks, cooldown, np.zeros([], "int32"))),
    };
  };
  const shown = Object.entries(defaults).flatMap(([name, usual]) => {
    const x = { factor, patience, rtol, atol, cooldown, accumulationSize, minScale }[name as keyof PlateauOptions];
    return name === "factor" || name === "patience" || x !== usual ? [`${name} = ${x}`] : [];
  });
  return {
    name: `reduceOnPlateau(${shown.join(", ")})`,
    init: () => ({
      scale: np.ones([], "float64"),
      best: np.full([], Infinity, "float64"),
      plateau: np.zeros([], "int32"),
      cooldown: np.zeros([], "int32"),
      sum: np.zeros([], "float64"),
      count: np.zeros([], "int32"),
    }),
    update(gradient, before, _theta, _step, loss) {
      const sum = before.sum.add(loss),
        count = before.count.add(1),
        full = count.equal(accumulationSize),
        seen = look(sum.div(accumulationSize), before);
      const after = (name: keyof typeof seen) => np.where(full, seen[name], before[name]);
      const scale = after("scale");
      return {
        updates: map(g => g.mul(scale.astype(g.dtype)), gradient),
        state: {
          scale,
          best: after("best"),
          plateau: after("plateau"),
          cooldown: after("cooldown"),
          sum: np.where(full, 0, sum),
          count: np.where(full, 0, count),
        },
      };
    },
  };
}
