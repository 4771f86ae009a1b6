import * as fc from "../support/fast-check.js";
import { describe, expect, expectTypeOf, test } from "vitest";
import { adam, defineProblem, f32, np, solve, type Checkpoint, type CheckpointJson, type SolveOptions } from "../../src/index.js";
import { fromJson, jsonOf } from "../../src/files/json-state.js";
import type { Saved } from "../../src/files/packed.js";
import { bitsOf } from "../support/gradients.js";
import { initialization } from "../support/problems.js";

const { problem } = initialization;
const through = (checkpoint: Checkpoint) => JSON.parse(JSON.stringify(checkpoint)) as CheckpointJson;

async function steps(options: Omit<SolveOptions, "theta">) {
  const run = solve(problem, options),
    thetas: string[] = [];
  for await (const { index } of run) thetas[index] = bitsOf(run.theta);
  return { thetas, run };
}

describe("a checkpoint survives JSON", () => {
  test.each(["exact", "ufom:adaptive", "ufom:optimal:pilot=2"])("and %s goes on from it with the same bits", async estimator => {
    for (const dtype of ["float32", "float64"] as const) {
      const options = { estimator, outer: adam(0.02), dtype, metaBatch: 2, seed: 3 },
        whole = await steps({ ...options, outerSteps: 8 }),
        { run } = await steps({ ...options, outerSteps: 3 }),
        json = through(run.checkpoint()),
        again = await steps({ ...options, outerSteps: 8, resume: json });
      expect(json.format).toBe("ufom.checkpoint");
      expect(again.thetas.slice(4)).toEqual(whole.thetas.slice(4));
      expect(again.thetas).toHaveLength(9);
      // Once more, from what goes on.
      const twice = await steps({ ...options, outerSteps: 8, resume: through(again.run.checkpoint()) });
      expect(bitsOf(twice.run.theta)).toBe(whole.thetas[8]);
    }
  });

  test("in the documented form", async () => {
    const small = defineProblem({
      theta: () => ({ w: f32([1, -0]) }),
      task: () => f32([0]),
      init: theta => theta.w,
      inner: { loss: (_, phi) => np.square(phi).sum(), rate: 0.1, steps: 1 },
      outer: (_, phi) => phi.sum(),
    });
    const run = solve(small, { estimator: "exact", outer: adam(0.1), outerSteps: 0 });
    await run.result();
    const checkpoint = run.checkpoint();
    expectTypeOf(checkpoint).toEqualTypeOf<Checkpoint>();
    expect(JSON.parse(JSON.stringify({ checkpoint }))).toMatchObject({
      checkpoint: {
        format: "ufom.checkpoint",
        version: 2,
        index: 0,
        run: { estimator: "exact", seed: 1 },
        theta: { w: { $array: { dtype: "float32", shape: [2], base64: "AACAPwAAAIA=" } } },
        loss: { $number: "NaN" },
      },
    });
    // What makes it so is no field of it.
    expect(Object.keys(checkpoint)).not.toContain("toJSON");
    expect(structuredClone(checkpoint)).toEqual(checkpoint);
  });

  test("every state comes back, whatever its bits", () => {
    const numbers = fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0)),
      words = fc.array(fc.integer(), { maxLength: 9 });
    const array = fc.tuple(fc.constantFrom("float32", "int32"), words).map(([dtype, w]) => {
      const all = Int32Array.from(w);
      return { shape: [w.length], dtype, data: dtype === "int32" ? all : new Float32Array(all.buffer) };
    });
    const key = fc.oneof(fc.string(), fc.constantFrom("$array", "$number", "$", "__proto__", "a.b"));
    const { state } = fc.letrec(tie => ({
      state: fc.oneof({ depthSize: "small" }, numbers, fc.string(), fc.boolean(), fc.constant(null), array, tie("list"), tie("object")),
      list: fc.array(tie("state"), { maxLength: 3 }),
      object: fc.array(fc.tuple(key, tie("state")), { maxLength: 3 }).map(entries => Object.fromEntries(entries) as unknown),
    }));
    const bits = (x: unknown): unknown =>
      ArrayBuffer.isView(x)
        ? [Object.prototype.toString.call(x), Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString("hex")]
        : typeof x === "number" && Object.is(x, -0)
          ? "-0"
          : Array.isArray(x)
            ? x.map(bits)
            : typeof x === "object" && x !== null
              ? Object.entries(x).map(([k, v]) => [k, bits(v)])
              : x;
    fc.assert(
      fc.property(state, x => {
        const back = fromJson("a test", JSON.parse(JSON.stringify(jsonOf(x as Saved))));
        expect(bits(back)).toEqual(bits(x));
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test("also where an array has more bytes than a call may have arguments", () => {
    const data = Float32Array.from({ length: 100_000 }, (_, i) => i / 3),
      back = fromJson("a test", JSON.parse(JSON.stringify(jsonOf({ shape: [100_000], dtype: "float32", data }))));
    expect(back).toEqual({ shape: [100_000], dtype: "float32", data });
  });
});

describe("what is no checkpoint is refused where it is given", () => {
  const resume = (x: unknown) => () => solve(problem, { estimator: "exact", outer: adam(0.1), outerSteps: 1, resume: x as Checkpoint });
  const made = async () => {
    const { run } = await steps({ estimator: "exact", outer: adam(0.1), outerSteps: 1 });
    return run.checkpoint();
  };
  test.each<[string, (c: Checkpoint) => unknown, string]>([
    [
      "a text",
      c => JSON.stringify(c),
      "ufom: resume takes a checkpoint: run.checkpoint(), that of loadRun, or what JSON.stringify wrote of one, parsed",
    ],
    ["a whole run", c => ({ theta: c.theta, checkpoint: c }), "received { theta, checkpoint }."],
    [
      "a copy's JSON",
      c => JSON.parse(JSON.stringify({ ...c })),
      "needs arrays in typed arrays, which JSON keeps of run.checkpoint() itself and not of a copy",
    ],
    ["another format", c => ({ ...through(c), format: "other" }), 'takes a checkpoint of the format "ufom.checkpoint"; received "other".'],
    [
      "an array with a byte too few",
      c => ({ ...through(c), theta: { w: { $array: { dtype: "float32", shape: [1], base64: "AACA" } } } }),
      "ufom: resume needs 4 bytes for float32[1]; received 3.",
    ],
    [
      "no base64",
      c => ({ ...through(c), theta: { $array: { dtype: "float32", shape: [1], base64: "?" } } }),
      "ufom: resume needs every array as { dtype, shape, base64 }",
    ],
    ["another dtype", c => ({ ...through(c), theta: { $array: { dtype: "toString", shape: [], base64: "" } } }), "needs every array as"],
  ])("%s", async (_, of, sentence) => {
    expect(resume(of(await made()))).toThrow(sentence);
  });

  test("and the good one is not", async () => {
    expect(resume(await made())).not.toThrow();
  });
});
