import { expect, test } from "vitest";
import { createWasmExecutor, parseOuter } from "../../src/index.js";
import { leavesWithPaths } from "../../src/core/trees/host-tree.js";
import { HostOuter } from "../support/host-outer.js";

// What a gradient that has become zero leaves in an average shrinks by a factor a step: it must not stay subnormal for thousands of steps.
test.each(
  ["adam:0.01", "adamw:0.01", "momentum:0.01,0.9", "nesterov:0.01,0.9"].flatMap(spelling =>
    (["float32", "float64"] as const).map(dtype => [spelling, dtype] as const),
  ),
)(
  "%s in %s: averages of a gradient that has vanished are numbers of full precision or zero, and move θ no more",
  async (spelling, dtype) => {
    const array = (...numbers: number[]) => ({
      shape: [numbers.length],
      dtype: dtype,
      data: dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers),
    });
    const smallest = dtype === "float64" ? 2 ** -1022 : 2 ** -126,
      start = array(1, 1, 1),
      outer = new HostOuter(parseOuter(spelling), start, { executor: createWasmExecutor(), dtype });
    let theta = start as never,
      state = await outer.init(start);
    const tiny = dtype === "float64" ? 1e-290 : 1e-30;
    for (let k = 1; k <= (dtype === "float64" ? 400 : 300); k++) {
      const step = await outer.update(k <= 3 ? array(1, tiny, 0) : array(0, 0, 0), state, theta, k, 1);
      theta = step.theta as never;
      state = step.state;
      for (const [path, { data }] of leavesWithPaths(state))
        for (const x of data) expect(x === 0 || Math.abs(x) >= smallest, `${path} at step ${k}: ${x}`).toBe(true);
    }
    // The last leaf never had a gradient; only weight decay moves it.
    if (!spelling.startsWith("adamw")) expect((theta as { data: Float64Array }).data[2]).toBe(1);
    outer.dispose();
  },
);
