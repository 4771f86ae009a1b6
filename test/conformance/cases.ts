import * as lax from "../../src/tensor/lax.js";
import * as linalg from "../../src/tensor/linalg.js";
import * as nn from "../../src/tensor/nn.js";
import * as np from "../../src/tensor/np/index.js";
import { operations } from "../../src/tensor/ops/index.js";
import * as tree from "../../src/tensor/tree-functions.js";
import type { OperationName, Value } from "../../src/tensor/value.js";
import type { Case } from "./cases/case.js";
import { convolution } from "./cases/convolution.js";
import { create, stopped } from "./cases/create.js";
import { sums } from "./cases/einsum.js";
import { custom } from "./cases/custom.js";
import { elementwise } from "./cases/elementwise.js";
import { indexing } from "./cases/indexing.js";
import { composed } from "./cases/layers.js";
import { algebra } from "./cases/linalg.js";
import { linear } from "./cases/linear.js";
import { logic } from "./cases/logic.js";
import { network } from "./cases/nn.js";
import { order } from "./cases/order.js";
import { reduce } from "./cases/reduce.js";
import { scan } from "./cases/scan.js";
import { shape } from "./cases/shape.js";
import { cuts } from "./cases/slices.js";
import { trees } from "./cases/trees.js";

/** The table: every public function of the language, and through them every operation, on inputs of many shapes. */
export const cases: readonly Case[] = [
  ...create,
  stopped,
  ...elementwise,
  ...logic,
  ...reduce,
  ...scan,
  ...order,
  ...linear,
  ...sums,
  ...convolution,
  ...algebra,
  ...shape,
  ...cuts,
  ...indexing,
  ...network,
  ...composed,
  ...custom,
  ...trees,
];

/** The cases by what they are about. */
export const casesOf: ReadonlyMap<string, readonly Case[]> = new Map(
  [...new Set(cases.map(({ of }) => of))].map(of => [of, cases.filter(c => c.of === of)]),
);

const functionsOf = (name: string, module: object): string[] =>
  Object.entries(module).flatMap(([key, value]) => (typeof value === "function" ? [`${name}.${key}`] : []));

/** Every function that users call on values. */
export const publicFunctions: readonly string[] = [
  ...functionsOf("np", np),
  ...functionsOf("nn", nn),
  ...functionsOf("lax", lax),
  ...functionsOf("linalg", linalg),
  ...functionsOf("tree", tree),
];
export const operationNames = Object.keys(operations) as readonly OperationName[];

/** The operations of the graph behind a value. */
export function operationsBehind(value: Value): Set<OperationName> {
  const seen = new Set<Value>([value]);
  for (const v of seen) for (const x of v.inputs) seen.add(x);
  return new Set([...seen].map(v => v.op));
}
