// npm run bench:team: an outer step by one thread and by several. Arguments: part of a row's name, seconds a row, threads.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { esbuildWorkerPlugin } from "../scripts/worker-source.mjs";

// As plain JavaScript, as the package has it: what loads TypeScript in development slows closures down.
const folder = mkdtempSync(join(tmpdir(), "ufom-bench-team-")),
  outfile = join(folder, "rounds.mjs");
try {
  await build({
    entryPoints: [fileURLToPath(new URL("team-rounds.ts", import.meta.url))],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
    plugins: [esbuildWorkerPlugin],
  });
  process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
