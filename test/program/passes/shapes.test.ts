import { simplifyShapes } from "../../../src/program/passes/simplify-shapes.js";
import { sinkBroadcasts } from "../../../src/program/passes/sink-broadcasts.js";
import type { Sketch } from "../support.js";
import { suite } from "./suite.js";

const slice = (s: Sketch, x: number, start: number[], stride: number[], shape: number[]): number =>
  s.add("slice", [x], shape, "float64", { start, stride });

suite("simplifyShapes", simplifyShapes, [
  ["reshape and back", s => s.reshape(s.reshape(s.x(2, 3), 6), 2, 3), "return %0"],
  [
    "transposes in a row",
    s => s.transpose(s.transpose(s.x(2, 3, 4), 1, 2, 0), 1, 2, 0),
    "%1 float64[4,2,3] = transpose %0 permutation=[2,0,1]\nreturn %1",
  ],
  ["transpose and back", s => s.transpose(s.transpose(s.x(2, 3, 4), 1, 2, 0), 2, 0, 1), "return %0"],
  [
    "broadcasts in a row, over added axes",
    s => s.broadcast(s.reshape(s.broadcast(s.x(3), 2, 3), 1, 2, 3), 4, 2, 3),
    "%1 float64[4,2,3] = broadcast %0\nreturn %1",
  ],
  [
    "broadcast of a reshape that is needed",
    s => s.broadcast(s.reshape(s.x(3), 3, 1), 3, 2),
    "%1 float64[3,1] = reshape %0\n%2 float64[3,2] = broadcast %1\nreturn %2",
  ],
  [
    "transpose of repeated rows",
    s => s.transpose(s.broadcast(s.x(3), 2, 3), 1, 0),
    "%1 float64[1,3] = reshape %0\n%2 float64[3,1] = transpose %1 permutation=[1,0]\n%3 float64[3,2] = broadcast %2\nreturn %3",
  ],
  [
    "transpose of repeated matrices",
    s => s.transpose(s.broadcast(s.x(3, 4), 2, 3, 4), 0, 2, 1),
    "%1 float64[4,3] = transpose %0 permutation=[1,0]\n%2 float64[2,4,3] = broadcast %1\nreturn %2",
  ],
  [
    "axes that stay together are merged before a transpose",
    s => s.reshape(s.transpose(s.x(5, 2, 3), 2, 0, 1), 3, 10),
    "%1 float64[10,3] = reshape %0\n%2 float64[3,10] = transpose %1 permutation=[1,0]\nreturn %2",
  ],
  [
    "the same beside extents of 1",
    s => s.reshape(s.transpose(s.x(5, 1, 2, 3, 1), 3, 1, 0, 4, 2), 3, 1, 10),
    "%1 float64[10,3] = reshape %0\n%2 float64[3,10] = transpose %1 permutation=[1,0]\n%3 float64[3,1,10] = reshape %2\nreturn %3",
  ],
  [
    "axes that do not are not",
    s => s.reshape(s.transpose(s.x(5, 2, 3), 1, 0, 2), 2, 15),
    "%1 float64[2,5,3] = transpose %0 permutation=[1,0,2]\n%2 float64[2,15] = reshape %1\nreturn %2",
  ],
  [
    "a transpose that moves extents of 1 only",
    s => s.reshape(s.transpose(s.x(5, 1, 3), 1, 0, 2), 15),
    "%1 float64[15] = reshape %0\nreturn %1",
  ],
  ["one number in another shape", s => s.transpose(s.reshape(s.full(3, [6]), 2, 3), 1, 0), "%1 float64[3,2] = broadcast 3\nreturn %1"],
  [
    "a slice of a slice",
    s => slice(s, slice(s, s.x(20), [3], [2], [7]), [1], [3], [2]),
    "%1 float64[2] = slice %0 start=[5] stride=[6]\nreturn %1",
  ],
  [
    "a slice of what was padded",
    s => slice(s, s.add("pad", [s.x(3)], [9], "float64", { start: [1], stride: [2] }), [1], [2], [3]),
    "return %0",
  ],
  [
    "a slice of a part",
    s => slice(s, s.add("concatenate", [s.x(3), s.x(4)], [7], "float64", { axis: 0 }), [4], [2], [2]),
    "%2 float64[2] = slice %1 start=[1] stride=[2]\nreturn %2",
  ],
  [
    "a slice across parts stays",
    s => slice(s, s.add("concatenate", [s.x(3), s.x(4)], [7], "float64", { axis: 0 }), [2], [1], [2]),
    "%2 float64[7] = concatenate %0 %1 axis=0\n%3 float64[2] = slice %2 start=[2] stride=[1]\nreturn %3",
  ],
  [
    "the whole, padded by nothing, flipped twice, joined with nothing",
    s => {
      const x = s.x(4),
        flip = (y: number): number => s.add("flip", [y], [4], "float64", { axes: [0] });
      return [
        slice(s, x, [0], [1], [4]),
        s.add("pad", [x], [4], "float64", { start: [0], stride: [1] }),
        flip(flip(x)),
        s.add("concatenate", [x, s.x(0)], [4], "float64", { axis: 0 }),
      ];
    },
    "return %0, %0, %0, %0",
  ],
  [
    "sums over nothing and over extents of 1",
    s => {
      const x = s.x(1, 3);
      return [s.sum(x), s.sum(x, 0)];
    },
    "%1 float64[3] = reshape %0\nreturn %0, %1",
  ],
]);

suite("sinkBroadcasts", sinkBroadcasts, [
  [
    "functions of what is repeated",
    s => s.op("exp", s.op("add", s.broadcast(s.x(3), 2, 3), s.full(0.5, [2, 3]))),
    "%2 float64[3] = broadcast 0.5\n%3 float64[3] = add %0 %2\n%4 float64[3] = exp %3\n%5 float64[2,3] = broadcast %4\nreturn %5",
  ],
  [
    "rows and columns: nothing is gained",
    s => s.op("add", s.broadcast(s.x(3), 2, 3), s.broadcast(s.x(2, 1), 2, 3)),
    "%1 float64[2,3] = broadcast %0\n%3 float64[2,3] = broadcast %2\n%4 float64[2,3] = add %1 %3\nreturn %4",
  ],
  [
    "a maximum over repeated and own axes",
    s => s.add("max", [s.broadcast(s.x(3, 1), 5, 3, 4)], [4], "float64", { axes: [0, 1] }),
    "%1 float64[1,3,1] = reshape %0\n%2 float64[1] = max %1 axes=[0,1]\n%3 float64[4] = broadcast %2\nreturn %3",
  ],
]);
