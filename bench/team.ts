// npm run bench:team: an outer step by one thread and by several. Arguments: part of a row's name, seconds a row, threads.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "./bundle.js";

const folder = mkdtempSync(join(tmpdir(), "ufom-bench-team-")),
  outfile = join(folder, "rounds.mjs");
try {
  await bundle("team-rounds.ts", outfile);
  process.exitCode = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
