// Whether parties compute the same where their gradients end apart: a step of 1e-7 over a kink of relu is a step to another gradient, and a long
// inner loop makes it large.
import { hypergradient, type HostTree } from "../src/index.js";
import { leaves } from "../src/core/trees/host-tree.js";
import type { Case } from "./cases.js";
import { gradientsOf, type Row, type RowSpec, type Setting } from "./measure.js";
import type { PartyName } from "./party.js";
import { problemOf } from "./problems.js";

const numbers = (tree: HostTree): number[] => leaves(tree).flatMap(({ data }) => Array.from(data));
const largest = (a: ArrayLike<number>): number => Array.from(a).reduce((m, x) => Math.max(m, Math.abs(x)), 0);
/** The largest difference of two gradients, of the largest element of the second. */
const apart = (a: ArrayLike<number>, b: ArrayLike<number>): number => largest(Array.from(b, (x, i) => a[i] - x)) / largest(b);

/** The gradient in float64, averaged over the tasks. */
async function doubled(c: Case): Promise<number[]> {
  const { problem, theta, tasks, estimator } = problemOf(c);
  let sum: number[] | undefined;
  for (const task of tasks) {
    const { gradient } = await hypergradient(problem, { estimator, theta: theta as never, task: task as never, dtype: "float64" }),
      one = numbers(gradient);
    sum = sum ? sum.map((x, i) => x + one[i]) : one;
  }
  return sum!.map(x => x / tasks.length);
}

/** How far each party ends from the same gradient in float64, and how far from ours all of them are after a single inner step. */
export interface Agreement {
  readonly fromDouble: Readonly<Partial<Record<PartyName, number>>>;
  readonly afterOneStep: number;
}

/** Looks at a row again whose parties' gradients differ. */
export async function agreement(spec: RowSpec, { gradient, peers }: Row, setting: Setting): Promise<Agreement> {
  const exact = await doubled(spec.case),
    fromDouble = Object.fromEntries([
      ["ufom", apart(gradient, exact)],
      ...Object.entries(peers).map(([name, peer]) => [name, apart(peer.gradient, exact)] as const),
    ]) as Agreement["fromDouble"];
  const { ufom, ...others } = await gradientsOf({ case: { ...spec.case, r: 1 }, cores: "one" }, setting);
  return { fromDouble, afterOneStep: Math.max(...Object.values(others).map(other => apart(other, ufom!))) };
}
