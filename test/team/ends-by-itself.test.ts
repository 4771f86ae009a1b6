// A process that has used threads ends by itself, whatever became of them.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { esbuildWorkerPlugin } from "../../scripts/worker-source.mjs";

let folder: string, script: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ufom-ends-"));
  script = join(folder, "ends.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("ends-script.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: script,
    logLevel: "error",
    plugins: [esbuildWorkerPlugin],
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ["finish", "finished, 2 threads"],
  ["break", "stopped, 2 threads"],
  ["abort", "stopped, 2 threads"],
  ["throw", "no more tasks"],
  ["hypergradient", "2 threads, twice the same"],
  ["unawaited", "started"],
])("after %s", (how, said) => {
  // One that does not end is killed, which is no end of its own.
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, how], { encoding: "utf8", timeout: 120_000 });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${said}\n`, stderr: "" });
});
