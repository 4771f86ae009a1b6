// Convolutions with the gradients that are convolutions again, and factorizations.
import { grad, lax, linalg, np } from "../../../src/index.js";
import type { Value } from "../../../src/tensor/value.js";
import type { FloatType } from "../../../src/tensor/types.js";
import type { Case } from "./case.js";
import { float, precisions, traced } from "./case.js";
import { tame, wild } from "./numbers.js";

type Operands = { x: Value; kernel: Value };

const convolutions = (precision: FloatType): Case =>
  traced(
    "convolutions and their gradients",
    precision,
    (x: Value, kernel: Value, grouped: Value) => {
      const forms: readonly ((p: Operands) => Value)[] = [
        p => lax.conv(p.x, p.kernel, [1, 1], "SAME"),
        p => lax.conv(p.x, p.kernel, [2, 3], "VALID"),
        p => lax.conv(p.x, p.kernel, [1, 2], [[2, 1], [0, 3]], { dilation: [2, 1] }), // prettier-ignore
      ];
      const inGroups = (p: Operands) => lax.conv(p.x, p.kernel, [1, 1], "SAME", { groups: 2 });
      const both = (f: (p: Operands) => Value, p: Operands) => [f(p), grad((q: Operands) => np.tanh(f(q)).sum())(p)];
      return [...forms.map(f => both(f, { x, kernel })), both(inGroups, { x, kernel: grouped })];
    },
    [float(3, 4, 11, 9), float(6, 4, 3, 3), float(6, 2, 3, 2)],
  );

const factorizations = (precision: FloatType): Case => {
  const types = [[3, 7, 7], [3, 7, 5]].map(shape => ({ shape, dtype: precision })); // prettier-ignore
  return traced(
    "factorizations, systems and their gradients",
    precision,
    (a: Value, b: Value) => {
      const positive = np.matmul(a, np.transpose(a, [0, 2, 1])).add(np.eye(7));
      const solved = (m: Value) => linalg.solve(m, b),
        triangular = (m: Value) => linalg.solveTriangular(linalg.cholesky(m), b, { lower: true });
      return [
        linalg.cholesky(positive),
        solved(a),
        triangular(positive),
        grad((m: Value) => solved(m).sum())(a),
        grad((m: Value) => triangular(m).sum())(positive),
      ];
    },
    [float(3, 7, 7), float(3, 7, 5)],
    ...[tame, wild].map(numbers => types.map((type, i) => numbers(type, 7, i))),
  );
};

export const matrixCases = (): readonly Case[] => precisions.flatMap(precision => [convolutions(precision), factorizations(precision)]);
