import * as ufom from "../../src/index.js";
import { operationNames as namesOfOperations } from "../../src/tensor/ops/index.js";
import type { OperationName, Value } from "../../src/tensor/value.js";
import type { Case } from "./cases/case.js";
import { arrays } from "./cases/arrays.js";
import { blocks } from "./cases/blocks.js";
import { convolution } from "./cases/convolution.js";
import { create, stopped } from "./cases/create.js";
import { draws } from "./cases/draws.js";
import { sums } from "./cases/einsum.js";
import { custom } from "./cases/custom.js";
import { edges } from "./cases/edges.js";
import { elementwise } from "./cases/elementwise.js";
import { indexing } from "./cases/indexing.js";
import { composed } from "./cases/layers.js";
import { determinants } from "./cases/determinants.js";
import { algebra } from "./cases/linalg.js";
import { linear } from "./cases/linear.js";
import { loops } from "./cases/loops.js";
import { logic } from "./cases/logic.js";
import { losses } from "./cases/losses.js";
import { network } from "./cases/nn.js";
import { order } from "./cases/order.js";
import { randomness } from "./cases/random.js";
import { reduce } from "./cases/reduce.js";
import { rounding } from "./cases/rounding.js";
import { scan } from "./cases/scan.js";
import { shape } from "./cases/shape.js";
import { cuts } from "./cases/slices.js";
import { measures } from "./cases/statistics.js";
import { trees } from "./cases/trees.js";

/** The table: every public function of the language, and through them every operation, on inputs of many shapes. */
export const cases: readonly Case[] = [
  ...create,
  stopped,
  ...elementwise,
  ...logic,
  ...reduce,
  ...scan,
  ...loops,
  ...arrays,
  ...rounding,
  ...measures,
  ...order,
  ...linear,
  ...sums,
  ...convolution,
  ...algebra,
  ...determinants,
  ...shape,
  ...cuts,
  ...indexing,
  ...network,
  ...composed,
  ...blocks,
  ...losses,
  ...custom,
  ...trees,
  ...edges,
  ...randomness,
  ...draws,
];

/** The cases by what they are about. */
export const casesOf: ReadonlyMap<string, readonly Case[]> = new Map(
  [...new Set(cases.map(({ of }) => of))].map(of => [of, cases.filter(c => c.of === of)]),
);

/** Modules whose functions make host arrays, or functions of values: they have tests of their own. */
const others = ["initializers", "optimizers"];

/** `np`, `nn`, …: what the package exports as modules. */
const modules = Object.entries(ufom as Record<string, unknown>).filter(
  (entry): entry is [string, object] => Object.prototype.toString.call(entry[1]) === "[object Module]" && !others.includes(entry[0]),
);

/** Every function that users call on values. */
export const publicFunctions: readonly string[] = modules.flatMap(([name, module]) =>
  Object.entries(module).flatMap(([key, value]) => (typeof value === "function" ? [`${name}.${key}`] : [])),
);
export const operationNames = namesOfOperations();

/** The operations of the graph behind a value. */
export function operationsBehind(value: Value): Set<OperationName> {
  const seen = new Set<Value>([value]);
  for (const v of seen) for (const x of v.inputs) seen.add(x);
  return new Set([...seen].map(v => v.op));
}
