import type { Operation } from "../operation.js";
import type { OperationName } from "../value.js";
import * as arithmetic from "./arithmetic.js";
import * as bits from "./bits.js";
import * as casts from "./cast.js";
import * as comparison from "./comparison.js";
import { conv, convInput, convKernel } from "./convolution.js";
import { customGradient } from "./custom-gradient.js";
import * as functions from "./functions.js";
import * as indexing from "./indexing.js";
import * as leaves from "./leaves.js";
import { cholesky, solve, triangularSolve } from "./linear-algebra.js";
import * as matrix from "./matmul.js";
import * as order from "./order.js";
import * as parts from "./parts.js";
import * as reduction from "./reduction.js";
import * as shape from "./shape.js";

const { matmul } = matrix;
const { cast } = casts;

/** Every operation with its rules; a missing one does not compile. */
export const operations: { readonly [P in OperationName]: Operation<P> } = {
  ...leaves,
  ...functions,
  ...arithmetic,
  ...comparison,
  ...bits,
  ...reduction,
  ...shape,
  ...parts,
  ...indexing,
  ...order,
  customGradient,
  matmul,
  cast,
  conv,
  convInput,
  convKernel,
  cholesky,
  triangularSolve,
  solve,
};
