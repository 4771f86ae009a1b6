/** Work done: inner steps, products with a step's Jacobian (forward or back), outer losses. */
export interface Counts {
  readonly step: number;
  readonly product: number;
  readonly outer: number;
}

export const noCounts: Counts = { step: 0, product: 0, outer: 0 };

export const addCounts = (a: Counts, b: Counts): Counts => ({
  step: a.step + b.step,
  product: a.product + b.product,
  outer: a.outer + b.outer,
});

/** What a budget counts: inner steps, products and outer losses, one each. */
export const evaluations = ({ step, product, outer }: Counts): number => step + product + outer;
