import { describe, expect, test } from "vitest";
import { chain, clipByValue, momentum, type OuterTransform } from "../../src/core/outer/index.js";
import { HostOuter } from "../support/host-outer.js";
import { traceOuter } from "../../src/core/outer/outer-programs.js";
import { createReferenceExecutor } from "../../src/executors/reference/index.js";
import { f32 } from "../../src/tensor/host.js";
import * as np from "../../src/tensor/np/index.js";
import { map, zerosLike } from "../../src/tensor/tree.js";
import type { Value } from "../../src/tensor/value.js";

describe("a transform of one's own", () => {
  const theta = { a: f32([1, 2]), b: { c: f32([3]) } };
  const own = (update: OuterTransform["update"], init: OuterTransform["init"] = zerosLike): OuterTransform => ({
    name: "own",
    init,
    update,
  });
  const refusal = (transform: OuterTransform) => {
    try {
      traceOuter(chain(clipByValue(1), transform), theta, "float32");
    } catch (error) {
      return (error as Error).message;
    }
    return "accepted";
  };

  test("is refused in one sentence where it returns something else than it was given", () => {
    expect([
      refusal(own((g, state) => ({ updates: g, state }))),
      refusal(own(gradient => gradient as never)),
      refusal(own(() => undefined as never)),
      refusal(own((g, state) => ({ updates: { ...(g as object), d: np.zeros([1]) }, state }))),
      refusal(own((g, state) => ({ updates: map(x => x.sum(), g), state }))),
      refusal(own((g, state) => ({ updates: map(x => x.astype("float64"), g), state }))),
      refusal(own((g, state) => ({ updates: [g], state }))),
      refusal(own((g, state, _theta, _step, loss) => ({ updates: map(x => x.mul(loss), g), state }))),
      refusal(own((_, state) => ({ updates: { a: (state as never as { a: Value }).a, b: f32([1]) } as never, state }))),
      refusal(own(g => ({ updates: g, state: [] }))),
      refusal(
        own(
          (g, state) => ({ updates: g, state }),
          () => null as never,
        ),
      ),
      refusal(
        own(
          (g, state) => ({ updates: g, state }),
          () => ({ n: 1 }) as never,
        ),
      ),
      refusal(
        own(
          (g, state) => ({ updates: g, state }),
          () => ({ n: f32([1]) }) as never,
        ),
      ),
    ]).toMatchInlineSnapshot(`
      [
        "accepted",
        "ufom: own must return { updates, state } from update; received { a, b }.",
        "ufom: own must return { updates, state } from update; received undefined.",
        "ufom: own's update must return { a, b } as updates, like θ; received { a, b, d }.",
        "ufom: own's update must return float32[2] as updates.a, like θ; received float32[].",
        "ufom: own's update must return float32[2] as updates.a, like θ; received float64[2].",
        "ufom: own's update must return { a, b } as updates, like θ; received a list of 1.",
        "ufom: own's update must return float32[2] as updates.a, like θ; received float64[2].",
        "ufom: own's update must return { c } as updates.b, like θ; received float32[1].",
        "ufom: own's update must return { a, b } as state, as it was given; received a list of 0.",
        "ufom: the state of own must be a tree of arrays; received null.",
        "ufom: the state of own must be a tree of arrays (at n); received 1.",
        "ufom: the state of own must be a tree of traced values (at n), and np.array makes one of a host array; received a host array float32[1].",
      ]
    `);
  });

  test("gets the step from 1 as int32 and the loss in float64", () => {
    const seen: string[] = [];
    traceOuter(
      own((g, state, _theta, step, loss) => {
        for (const { dtype, shape } of [step, loss]) seen.push(`${dtype}[${shape.join()}]`);
        return { updates: g, state };
      }),
      theta,
      "float32",
    );
    expect(seen).toEqual(["int32[]", "float64[]"]);
  });

  test("a state of another tree is refused", async () => {
    const outer = new HostOuter(momentum(0.1), theta, { executor: createReferenceExecutor(), dtype: "float32" });
    await expect(outer.update(theta, { trace: { a: f32([1, 2]), b: { c: f32([3, 4]) } } }, theta, 1, 1)).rejects.toThrow(
      "ufom: the outer transform's state must keep trace.b.c at float32[1]; received float32[2].",
    );
  });
});
