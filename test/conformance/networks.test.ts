import { afterAll, describe, expect, it } from "vitest";
import * as nn from "../../src/tensor/nn.js";
import { vmap } from "../../src/tensor/transform.js";
import { mapTree } from "../../src/tensor/tree.js";
import type { FloatType, HostArray, HostTree } from "../../src/tensor/types.js";
import { allocate } from "../../src/tensor/types.js";
import { numbersOf } from "../support/gradients.js";
import { expectClose, flat } from "./closeness.js";
import { differences } from "./differences.js";
import { networks, numbersFor, productsOf, slopeOf } from "./networks.js";
import { compared, compile, compileReference } from "./run.js";

type Products = Record<"loss" | "gradient" | "hessian" | "mixed", HostTree>;
const names = ["loss", "gradient", "hessian", "mixed"] as const;

/** Each product to a tolerance of its largest number. */
function expectSame(found: Products, expected: Products, tolerance: number): void {
  for (const name of names) {
    const right = numbersOf(expected[name]),
      largest = Math.max(...right.map(Math.abs));
    expect(largest, name).toBeGreaterThan(1e-3);
    expectClose(numbersOf(found[name]), right, tolerance, name, largest);
  }
}

const precisions: readonly (readonly [FloatType, number])[] = [
  ["float64", 1e-10],
  ["float32", 1e-4],
];

/** Two arrays one after the other, along a new first axis. */
function stacked([a, b]: readonly HostTree[]): HostTree {
  return mapTree(
    "a test",
    leaves => {
      const [{ shape, dtype, data }, other] = leaves as HostArray[];
      const both = allocate({ shape: [2, ...shape], dtype });
      both.set(data);
      both.set(other.data, data.length);
      return { shape: [2, ...shape], dtype, data: both };
    },
    [a, b],
  ) as HostTree;
}

const everywhere = compared.flatMap(([on, where]) => networks.map(network => ({ name: network.name, on, where, network })));

describe.each(everywhere)("$name on $on", ({ network, where: { create, prepare } }) => {
  const executor = create();
  afterAll(() => {
    executor.dispose();
  });
  const products = productsOf(network, nn.relu);

  it.each(precisions)("has the reference's loss, gradient and products in %s", async (dtype, tolerance) => {
    const inputs = numbersFor(network, 1);
    const own = await compileReference<Products>(products, inputs),
      run = await compile<Products>(executor, prepare, dtype, products, inputs);
    for (const seed of [1, 2, 3]) {
      const given = numbersFor(network, seed);
      expectSame(await run(...given), await own(...given), tolerance);
    }
  });

  it.each([
    ["tasks", [null, null, null, 0]],
    ["weights, directions and tasks", [null, 0, 0, 0]],
    ["everything", 0],
  ] as const)("has them for two at once: %s", async (_, axes) => {
    const pair = [numbersFor(network, 1), numbersFor(network, 2)],
      mapped = (i: number) => axes === 0 || axes[i] === 0;
    const lanes = pair.map(own => own.map((x, i) => (mapped(i) ? x : pair[0][i])));
    const inputs = pair[0].map((x, i) => (mapped(i) ? stacked([x, pair[1][i]]) : x));
    const own = await compileReference<Products>(products, pair[0]),
      run = await compile<Products>(executor, prepare, "float64", vmap(products, axes), inputs);
    const found = await run(...inputs),
      [first, second] = [await own(...lanes[0]), await own(...lanes[1])];
    expectSame(found, Object.fromEntries(names.map(name => [name, stacked([first[name], second[name]])])) as Products, 1e-10);
  });

  it("has the derivatives that differences say", async () => {
    const inputs = numbersFor(network, 1),
      [theta, w, u, task] = inputs;
    const run = await compile<Products>(executor, prepare, "float64", productsOf(network, nn.softplus), inputs),
      slope = await compile<HostArray[]>(executor, prepare, "float64", slopeOf(network, nn.softplus), inputs);
    const differencesIn = async (arrays: Record<string, HostArray>, at: (changed: object) => Promise<HostArray[]>) => {
      const rows: number[][] = [];
      for (const [key, x] of Object.entries(arrays)) rows.push(...(await differences(async y => flat(await at({ [key]: y })), x, 1e-4)));
      return rows;
    };
    const inner = await differencesIn(w, changed => slope(theta, { ...w, ...changed }, u, task)),
      outer = await differencesIn(theta, changed => slope({ ...theta, ...changed }, w, u, task));
    const found = await run(...inputs);
    const close = (name: "gradient" | "hessian" | "mixed", right: number[]) => {
      expectClose(flat(Object.values(found[name])), right, 1e-8, name);
    };
    close(
      "gradient",
      inner.map(([d]) => d),
    );
    close(
      "hessian",
      inner.map(([, d]) => d),
    );
    close(
      "mixed",
      outer.map(([, d]) => d),
    );
  });
});
