import type { Operation } from "../operation.js";
import type { OperationName } from "../value.js";
import * as arithmetic from "./arithmetic.js";
import * as bits from "./bits.js";
import { bounded } from "./bounded.js";
import * as casts from "./cast.js";
import * as comparison from "./comparison.js";
import { conv, convInput, convKernel } from "./convolution.js";
import { customGradient } from "./custom-gradient.js";
import * as functions from "./functions.js";
import * as indexing from "./indexing.js";
import * as leaves from "./leaves.js";
import { cholesky, solve, triangularSolve } from "./linear-algebra.js";
import * as loops from "./loops.js";
import * as matrix from "./matmul.js";
import * as order from "./order.js";
import * as parts from "./parts.js";
import * as reduction from "./reduction.js";
import * as shape from "./shape.js";

type Operations = { readonly [P in OperationName]: Operation<P> };

/** Every operation with its rules; a missing one does not compile. */
const allOperations = (): Operations => ({
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
  bounded,
  scan: loops.scan,
  cond: loops.cond,
  tuple: loops.tuple,
  result: loops.result,
  matmul: matrix.matmul,
  cast: casts.cast,
  conv,
  convInput,
  convKernel,
  cholesky,
  triangularSolve,
  solve,
});

/** Made when first asked for: rules are written with other operations, so these modules import each other, and any of them may be loaded first. */
let table: Operations | undefined;
const operations = (): Operations => (table ??= allOperations());

/** The rules of an operation. */
export const rulesFor = <P extends OperationName>(op: P): Operation<P> => operations()[op];

/** The names of all operations. */
export const operationNames = (): readonly OperationName[] => Object.keys(operations()) as OperationName[];
