import { simplifySums } from "../../../src/program/passes/simplify-sums.js";
import { mergeProducts } from "../../../src/program/passes/merge-products.js";
import { simplify } from "../../../src/program/passes/simplify.js";
import { mergeReductions } from "../../../src/program/passes/merge-reductions.js";
import { suite } from "./suite.js";

suite("simplifySums", simplifySums, [
  [
    "equal terms",
    s => s.sum(s.broadcast(s.x(3), 5, 3), 0),
    "%2 float64[3] = broadcast 5\n%3 float64[3] = multiply %0 %2\nreturn %3",
    1e-15,
  ],
  [
    "equal and other terms",
    s => s.sum(s.broadcast(s.x(3, 1), 5, 3, 4), 0, 1, 2),
    "%1 float64[1,3,1] = reshape %0\n%2 float64[1,1] = sum %1 axes=[1]\n%3 float64[] = reshape %2\n%5 float64[] = multiply %3 20\nreturn %5",
    1e-14,
  ],
  ["terms with one sign", s => s.sum(s.op("negative", s.x(3)), 0), "%1 float64[] = sum %0 axes=[0]\n%2 float64[] = negative %1\nreturn %2"],
  ["all terms in another shape", s => s.sum(s.reshape(s.x(2, 3), 6), 0), "%1 float64[] = sum %0 axes=[0,1]\nreturn %1"],
  ["no terms", s => s.sum(s.x(0, 3), 0), "%2 float64[3] = broadcast 0\nreturn %2"],
]);

suite("mergeProducts", mergeProducts, [
  [
    "rows of a batch with one matrix",
    s => s.matmul(s.x(5, 2, 3), s.broadcast(s.x(3, 4), 5, 3, 4)),
    "%2 float64[10,3] = reshape %0\n%3 float64[10,4] = matmul %2 %1\n%4 float64[5,2,4] = reshape %3\nreturn %4",
  ],
  [
    "the inner of two batch axes repeated",
    s => s.matmul(s.x(6, 5, 2, 3), s.broadcast(s.x(6, 1, 3, 4), 6, 5, 3, 4)),
    "%2 float64[6,10,3] = reshape %0\n%3 float64[6,3,4] = reshape %1\n%4 float64[6,10,4] = matmul %2 %3\n%5 float64[6,5,2,4] = reshape %4\nreturn %5",
  ],
  [
    "the outer of two stays",
    s => s.matmul(s.x(6, 5, 2, 3), s.broadcast(s.x(5, 3, 4), 6, 5, 3, 4)),
    "%2 float64[6,5,3,4] = broadcast %1\n%3 float64[6,5,2,4] = matmul %0 %2\nreturn %3",
  ],
  [
    "both repeated",
    s => s.matmul(s.broadcast(s.x(2, 3), 5, 2, 3), s.broadcast(s.x(3, 4), 5, 3, 4)),
    "%2 float64[2,4] = matmul %0 %1\n%3 float64[1,2,4] = reshape %2\n%4 float64[5,2,4] = broadcast %3\nreturn %4",
  ],
  [
    "signs",
    s => s.matmul(s.op("negative", s.x(2, 3)), s.x(3, 4)),
    "%2 float64[2,4] = matmul %0 %1\n%3 float64[2,4] = negative %2\nreturn %3",
  ],
]);

suite("simplify", simplify, [
  [
    "one matrix with columns of a batch: rows of the batch with its transpose",
    s => s.matmul(s.broadcast(s.x(4, 3), 5, 4, 3), s.x(5, 3, 1)),
    "%2 float64[3,4] = transpose %0 permutation=[1,0]\n%3 float64[5,3] = reshape %1\n%4 float64[5,4] = matmul %3 %2\n%5 float64[5,4,1] = reshape %4\nreturn %5",
  ],
  [
    "one matrix with the transposes of a batch",
    s => s.matmul(s.broadcast(s.x(4, 3), 5, 4, 3), s.transpose(s.x(5, 2, 3), 0, 2, 1)),
    "%2 float64[3,4] = transpose %0 permutation=[1,0]\n%3 float64[10,3] = reshape %1\n%4 float64[10,4] = matmul %3 %2\n%5 float64[5,2,4] = reshape %4\n%6 float64[5,4,2] = transpose %5 permutation=[0,2,1]\nreturn %6",
  ],
]);

suite("mergeReductions", mergeReductions, [
  [
    "products summed over their batch",
    s => s.sum(s.matmul(s.transpose(s.x(5, 2, 3), 0, 2, 1), s.x(5, 2, 4)), 0),
    "%1 float64[5,3,2] = transpose %0 permutation=[0,2,1]\n%3 float64[3,5,2] = transpose %1 permutation=[1,0,2]\n%4 float64[3,10] = reshape %3\n%5 float64[10,4] = reshape %2\n%6 float64[3,4] = matmul %4 %5\nreturn %6",
    1e-14,
  ],
  [
    "and over rows too",
    s => s.sum(s.matmul(s.x(5, 2, 3), s.x(5, 3, 4)), 0, 1),
    "%2 float64[2,5,3] = transpose %0 permutation=[1,0,2]\n%3 float64[2,15] = reshape %2\n%4 float64[15,4] = reshape %1\n%5 float64[2,4] = matmul %3 %4\n%6 float64[4] = sum %5 axes=[0]\nreturn %6",
    1e-14,
  ],
  [
    "products that are used elsewhere stay",
    s => {
      const y = s.matmul(s.x(5, 2, 3), s.x(5, 3, 4));
      return [s.sum(y, 0), y];
    },
    "%2 float64[5,2,4] = matmul %0 %1\n%3 float64[2,4] = sum %2 axes=[0]\nreturn %3, %2",
  ],
  ["a sum of a sum", s => s.sum(s.sum(s.x(2, 3, 4, 5), 1, 3), 1), "%1 float64[2] = sum %0 axes=[1,2,3]\nreturn %1", 1e-14],
]);
