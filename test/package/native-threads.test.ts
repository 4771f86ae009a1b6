// Threads of the built package: what bundles their code must leave the machine's libraries in it.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { buildIfStale } from "../../scripts/build.mjs";
import { withoutLibrary } from "../native/available.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

const program = `
import { defineProblem, np, sgd, solve } from ${JSON.stringify(join(root, "dist/index.js"))};
const loss = (phi, { x }) => np.square(np.tanh(np.matmul(x, phi))).mean();
const problem = defineProblem({
  theta: random => random.normal([300, 200], 0.1),
  task: random => ({ x: random.normal([100, 300]) }),
  init: theta => theta,
  inner: { loss: (_, phi, task) => loss(phi, task), rate: 0.1, steps: 2 },
  outer: (_, phi, task) => loss(phi, task),
});
const run = solve(problem, {
  estimator: "exact", outer: sgd(0.1), metaBatch: 8, workers: 2, outerSteps: 30, native: { threshold: 0 }, seed: 1,
});
const { workers, notes } = await run.result();
console.log(JSON.stringify({ workers, notes }));
`;

test.skipIf(withoutLibrary !== undefined)("threads of the built package multiply by the machine's library", async () => {
  await buildIfStale();
  const folder = mkdtempSync(join(tmpdir(), "ufom-native-threads-"));
  try {
    const file = join(folder, "program.mjs");
    writeFileSync(file, program);
    const { stdout } = await promisify(execFile)(process.execPath, [file]);
    expect(JSON.parse(stdout)).toEqual({ workers: 2, notes: [] });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
