import * as np from "../../../src/tensor/np/index.js";
import type { Case } from "./case.js";
import { inputsFor } from "./inputs.js";
import type { Plain } from "./plain.js";
import { at, indices, tabulate, total } from "./plain.js";

const { integers, real } = inputsFor("einsum");

/** The sum over every index of every letter, as the letters say. */
const summed =
  (a: string, b: string, result: string) =>
  (x: Plain, y: Plain): Plain => {
    const extents = new Map([...[...a].map((l, i) => [l, x.shape[i]] as const), ...[...b].map((l, i) => [l, y.shape[i]] as const)]);
    const rest = [...extents.keys()].filter(l => !result.includes(l));
    const over = indices(rest.map(l => extents.get(l)!));
    return tabulate(
      [...result].map(l => extents.get(l)!),
      (...index) =>
        total(
          over.map(o => {
            const place = (l: string) => (result.includes(l) ? index[result.indexOf(l)] : o[rest.indexOf(l)]);
            return at(x, [...a].map(place)) * at(y, [...b].map(place));
          }),
        ),
    );
  };

const extents: Readonly<Record<string, number>> = { i: 2, j: 3, k: 2, b: 2, c: 3, n: 0, Z: 1 };
const shapeOf = (labels: string) => [...labels].map(l => extents[l]);

/** What is written, and the same with the result's letters in full. */
const products: readonly (readonly [string, string, string, string])[] = [
  ["ij,jk->ik", "ij", "jk", "ik"],
  ["ij, jk", "ij", "jk", "ik"],
  ["ji,jk->ki", "ji", "jk", "ki"],
  ["bij,bjk->bik", "bij", "bjk", "bik"],
  ["ibj,kjb->bki", "ibj", "kjb", "bki"],
  ["bi,bi->b", "bi", "bi", "b"],
  ["ij,ij->", "ij", "ij", ""],
  ["ij,ij", "ij", "ij", ""],
  ["ij,ij->ji", "ij", "ij", "ji"],
  ["i,j->ji", "i", "j", "ji"],
  ["ci,bj->b", "ci", "bj", "b"],
  [",ij->ji", "", "ij", "ji"],
  [",", "", "", ""],
  ["bcij,kj->bick", "bcij", "kj", "bick"],
  ["iZ,Zj->ij", "iZ", "Zj", "ij"],
  ["in,nj->ij", "in", "nj", "ij"],
  ["ni,ij->nj", "ni", "ij", "nj"],
];

export const sums: readonly Case[] = [
  ...products.map(([written, a, b, result]): Case => ({
    of: "np.einsum",
    f: (x, y) => np.einsum(written, x, y),
    inputs: [real(...shapeOf(a)), real(...shapeOf(b))],
    expected: summed(a, b, result),
    jax: written.includes("n") || a === "" ? undefined : (j, x, y) => j.np.einsum(`${a},${b}->${result}`, x, y),
  })),
  {
    of: "np.einsum",
    f: (x, y) => np.einsum("ij,jk->ik", x, y),
    inputs: [integers(-3, 4, 2, 3), integers(-3, 4, 3, 2)],
    expected: summed("ij", "jk", "ik"),
  },
];
