import type { KeysOf } from "../../tensor/options.js";
import { checkOptions } from "../../tensor/options.js";
import { checkNonNegative } from "./arguments.js";

/** Constants of a bi-level problem with a constant inner step size. */
export interface Regularity {
  /** L₁: no gradient of a loss is longer. */
  readonly l1: number;
  /** L₂: no second derivative of the inner loss is larger in norm. */
  readonly l2: number;
  /** M₁ ≥ ‖∂V/∂θ‖: 1 where θ is the start of the inner loop, 0 where the start is fixed. */
  readonly m1: number;
  /** α, the inner step size. */
  readonly rate: number;
  /** r, the number of inner steps. */
  readonly steps: number;
}

/**
 * How far the first-order gradient can be from the exact one:
 *
 *     ‖G_exact − G_FO‖ ≤ 𝔻 = (1 + M₁)·L₁·[(1 + αL₂)ʳ − 1]
 *
 * @example
 * biasBound({ l1: 1, l2: 10, m1: 1, rate: 0.1, steps: 3 }); // 14
 *
 * Source: Likhosherstov et al., ICML 2021; docs/theory.md, section 3.
 *
 * @throws if a constant is negative or not finite
 */
export function biasBound(regularity: Regularity): number {
  const { l1, m1 } = check("biasBound", regularity);
  return (1 + m1) * l1 * growth(regularity);
}

/**
 * How long the exact gradient can be:
 *
 *     ‖G_exact‖ ≤ 𝕍 = L₁ + M₁·L₁·(1 + αL₂)ʳ + L₁·[(1 + αL₂)ʳ − 1]
 *
 * @example
 * momentBound({ l1: 1, l2: 10, m1: 1, rate: 0.1, steps: 3 }); // 16
 *
 * Source: Likhosherstov et al., ICML 2021; docs/theory.md, section 3.
 *
 * @throws if a constant is negative or not finite
 */
export function momentBound(regularity: Regularity): number {
  const { l1, m1 } = check("momentBound", regularity);
  const grown = growth(regularity);
  return l1 + m1 * l1 * (1 + grown) + l1 * grown;
}

/** (1 + αL₂)ʳ − 1, also where αL₂ is tiny. */
const growth = ({ rate, l2, steps }: Regularity): number => Math.expm1(steps * Math.log1p(rate * l2));

const regularityKeys: KeysOf<Regularity> = { l1: true, l2: true, m1: true, rate: true, steps: true };

function check(who: string, regularity: Regularity): Regularity {
  checkOptions(who, regularity, regularityKeys, "the constants");
  for (const name of Object.keys(regularityKeys) as (keyof Regularity)[]) checkNonNegative(who, name, regularity[name]);
  return regularity;
}
