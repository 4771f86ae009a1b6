import { describe, expect, it } from "vitest";
import { grad, lax, np, vmap } from "../../../src/index.js";
import { trace } from "../../../src/tensor/trace.js";
import type { Value } from "../../../src/tensor/value.js";
import { float, refusal, type } from "../evaluate.js";

const on = (f: (...x: Value[]) => unknown, ...types: Parameters<typeof refusal>[1][]) => refusal(f, ...types);
const any = (x: unknown): never => x as never;
const keep = (c: Value) => [c, null] as const;

describe("refusals of loops are one sentence with the rule and what was received", () => {
  it("of a carry that does not stay", () => {
    expect([
      on(x => lax.scan(({ h }: { h: Value }) => [{ h: h.reshape(1, 40) }, null], { h: x }, null, { length: 2 }), float(40)),
      on(x => lax.scan((h: Value) => [h.sum(), null], x, null, { length: 2 }), float(3)),
      on(x => lax.scan((n: Value) => [n.mul(0.5), null], x, null, { length: 2 }), type("int32")),
      on(x => lax.scan((c: { a: Value }) => [any({ b: c.a }), null], { a: x }, null, { length: 2 }), float()),
      on(x => lax.scan((c: Value) => [any([c, c]), null], x, null, { length: 2 }), float()),
      on(x => lax.scan((c: Value) => [any(1), c], x, null, { length: 2 }), float()),
      on(x => lax.fori(0, 3, (_, h) => h.sum(), x), float(2)),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: lax.scan needs a step after which carry.h is float32[40] again; received float32[1,40] from the step.",
        "ufom: lax.scan needs a step after which the carry is float32[3] again; received float32[] from the step.",
        "ufom: lax.scan needs a step after which the carry is int32[] again; received float32[] from the step.",
        "ufom: lax.scan's carry needs trees of one structure ({ a }); received { b }.",
        "ufom: lax.scan's carry needs trees of one structure (an array); received a list of 2.",
        "ufom: lax.scan's carry must be a tree of arrays; received 1.",
        "ufom: lax.fori needs a step after which the carry is float32[2] again; received float32[] from the step.",
      ]
    `);
  });

  it("of what a step returns, of xs and of options", () => {
    expect([
      on(
        x =>
          lax.scan(
            any((c: Value) => c),
            x,
            null,
            { length: 2 },
          ),
        float(),
      ),
      on(
        x =>
          lax.scan(
            any((c: Value) => [c]),
            x,
            null,
            { length: 2 },
          ),
        float(),
      ),
      on(x => lax.scan((c: Value) => [c, any(1)], x, null, { length: 2 }), float()),
      on(x => lax.scan(any(1), x, null, { length: 2 }), float()),
      on((x, y) => lax.scan(keep, x, { x, y }), float(3), float(4)),
      on(x => lax.scan(keep, x, x, { length: 2 }), float(3)),
      on(x => lax.scan(keep, x, { a: x }), float()),
      on(x => lax.scan(keep, x, null), float()),
      on(x => lax.scan(keep, x, null, { length: -1 }), float()),
      on(x => lax.scan(keep, x, null, { length: 2.5 }), float()),
      on(x => lax.scan(keep, x, x, any({ unroll: 4 })), float(3)),
      on(x => lax.scan(keep, x, x, { reverse: any(1) }), float(3)),
      on(x => lax.scan(keep, x, x, { memory: any("recompute") }), float(3)),
      on(x => lax.scan(keep, x, x, { memory: "checkpoint=0" }), float(3)),
      on(() => lax.scan(keep, any(0), null, { length: 2 })),
      on(x => lax.fori(any(x), 3, (_, h) => h, x), float()),
      on(x => lax.fori(0, 2.5, (_, h) => h, x), float()),
      on(x => lax.fori(0, 2 ** 40, (_, h) => h, x), float()),
      on(x => lax.fori(0, 2, any(x), x), float()),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: lax.scan needs a step that returns a pair [carry, y], with null for no y; received float32[].",
        "ufom: lax.scan needs a step that returns a pair [carry, y], with null for no y; received a list of 1.",
        "ufom: lax.scan's y must be a tree of arrays; received 1.",
        "ufom: lax.scan takes a function (carry, x) ↦ [carry, y] first; received 1.",
        "ufom: lax.scan takes xs of one length, the number of steps; received xs.x 3 and xs.y: float32[4].",
        "ufom: lax.scan takes xs of one length, the number of steps; received length 2 and xs: float32[3].",
        "ufom: lax.scan takes xs with a first axis, along which the steps go; received xs.a: float32[].",
        "ufom: lax.scan needs the option length where there are no xs; received neither of them.",
        "ufom: lax.scan takes a whole length ≥ 0; received -1.",
        "ufom: lax.scan takes a whole length ≥ 0; received 2.5.",
        "ufom: lax.scan takes the options length, reverse, memory; received unroll.",
        "ufom: lax.scan takes reverse as true or false; received 1.",
        "ufom: lax.scan takes the memory "store" or "checkpoint=S" with a whole S ≥ 1; received "recompute".",
        "ufom: lax.scan takes the memory "store" or "checkpoint=S" with a whole S ≥ 1; received "checkpoint=0".",
        "ufom: lax.scan's first carry must be a tree of arrays; received 0.",
        "ufom: lax.fori takes a whole number of 32 bits as lower, known while tracing; received a traced value.",
        "ufom: lax.fori takes a whole number of 32 bits as upper, known while tracing; received 2.5.",
        "ufom: lax.fori takes a whole number of 32 bits as upper, known while tracing; received 1099511627776.",
        "ufom: lax.fori takes a function (i, carry) ↦ carry after the bounds; received object.",
      ]
    `);
  });

  it("of choices", () => {
    expect([
      on(
        x =>
          lax.cond(
            any(true),
            () => x,
            () => x,
          ),
        float(),
      ),
      on(
        x =>
          lax.cond(
            x,
            () => x,
            () => x,
          ),
        float(),
      ),
      on(
        x =>
          lax.cond(
            x.greater(0),
            () => x,
            () => x,
          ),
        float(2),
      ),
      on(
        x =>
          lax.cond(
            x.greater(0),
            () => x,
            () => x.reshape(1),
          ),
        float(),
      ),
      on(
        x =>
          lax.cond(
            x.greater(0),
            () => ({ a: x }),
            () => ({ a: x.greater(0) }),
          ),
        float(),
      ),
      on(
        x =>
          lax.cond(
            x.greater(0),
            (): Value => any({ a: x }),
            () => x,
          ),
        float(),
      ),
      on(x => lax.cond(x.greater(0), () => x, any(x)), float()),
      on(
        x =>
          lax.cond(
            x.greater(0),
            (): Value => any(3),
            () => x,
          ),
        float(),
      ),
    ]).toMatchInlineSnapshot(`
      [
        "ufom: lax.cond takes a traced bool first (for what is known while tracing there is JavaScript's own); received true.",
        "ufom: lax.cond takes one bool first; received float32[].",
        "ufom: lax.cond takes one bool first; received bool[2].",
        "ufom: lax.cond needs functions that give the same types; received float32[] and float32[1].",
        "ufom: lax.cond needs functions that give the same types (at a); received float32[] and bool[].",
        "ufom: lax.cond needs trees of one structure ({ a }); received float32[].",
        "ufom: lax.cond takes two functions after the bool; received float32[].",
        "ufom: lax.cond's result must be a tree of arrays; received 3.",
      ]
    `);
  });

  it("of names that others use, with the name here", () => {
    const names = lax as unknown as Record<string, unknown>;
    const asked = ["fori_loop", "while_loop", "map", "switch", "associative_scan"].map(name => on(() => (names[name] as () => Value)()));
    expect(asked).toMatchInlineSnapshot(`
      [
        "ufom: lax has no fori_loop; lax.fori is there.",
        "ufom: lax has no while_loop; lax.fori is there.",
        "ufom: lax has no map; lax.scan is there.",
        "ufom: lax has no switch; lax.cond is there.",
        "ufom: lax has no associative_scan; lax.scan is there.",
      ]
    `);
  });

  it("of a value kept from inside of a body", () => {
    let kept: Value | undefined;
    const f = (x: Value) => {
      lax.scan((c: Value) => [(kept = c.mul(2)), null], x, null, { length: 2 });
      return kept as Value;
    };
    expect(on(f, float())).toMatchInlineSnapshot(
      `"ufom: a traced function can use its own arguments only, not values kept from another one (or from inside a vmap); received float32[]."`,
    );
  });
});

it("a step that fails throws its own error", () => {
  expect(on(x => lax.scan((c: Value, row: Value) => [np.matmul(c, row), null], x, x), float(3, 3))).toBe(
    "ufom: lax.scan needs a step after which the carry is float32[3,3] again; received float32[3] from the step.",
  );
  expect(on(x => lax.scan((c: Value) => [np.matmul(c, np.zeros([4, 2])), null], x, null, { length: 2 }), float(3, 3))).toMatch(
    /^ufom: matmul needs/,
  );
});

it("length 0 gives the first carry and no rows, and no loop", () => {
  const { program, output } = trace((x: Value) => lax.scan((c: Value) => [c.mul(2), { y: c }], x, null, { length: 0 }), [float(2)]);
  expect(program.nodes.some(node => node.op === "scan")).toBe(false);
  expect(output).toEqual([{ shape: [2], dtype: "float32" }, { y: { shape: [0, 2], dtype: "float32" } }]);
});

it("trees come back in the order of what was given", () => {
  const { output } = trace(
    (a: Value, b: Value) =>
      lax.scan(
        (c: { b: Value; a: Value }) => [
          { a: c.a, b: c.b },
          { z: c.a, y: c.b },
        ],
        { b, a },
        null,
        { length: 3 },
      ),
    [float(2), type("int32")],
  );
  const [carry, ys] = output as [object, object];
  expect(Object.entries(carry)).toEqual([
    ["b", { shape: [], dtype: "int32" }],
    ["a", { shape: [2], dtype: "float32" }],
  ]);
  expect(Object.keys(ys)).toEqual(["z", "y"]);
});

it("the size of a program does not depend on the number of steps", () => {
  const sizes = [10, 1000].map(n => {
    const f = (w: Value) => lax.fori(0, n, (i, h) => np.tanh(h.mul(w).add(i)), np.ones([3])).sum();
    return trace((w: Value) => vmap(grad(f))(np.stack([w, w])), [float()]).program.nodes.length;
  });
  expect(sizes[0]).toBe(sizes[1]);
});
