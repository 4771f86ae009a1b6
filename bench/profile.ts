// npm run profile: where the time of a gradient goes, kernel by kernel; the rows of `npm run bench` on one core, long ones with `--only TEXT`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Case } from "./cases.js";
import { kernelTimes, type KernelTime } from "./kernel-times.js";
import { prepare } from "./problems.js";
import { tables } from "./rows.js";
import { spreadOf } from "./statistics.js";

const { values } = parseArgs({ options: { only: { type: "string", default: "" }, kernels: { type: "boolean", default: false } } });

/** What a kernel's time is counted as. */
const groups = ["products", "reductions", "elementwise", "copies"] as const;
function groupOf({ kind, ops }: KernelTime): (typeof groups)[number] {
  if (kind === "dot" || kind === "solve" || kind === "rows") return "products";
  if (kind === "move" || ops.every(op => op === "copy")) return "copies";
  return kind === "reduce" ? "reductions" : "elementwise";
}

/** Microseconds of a whole gradient: the median of ten stretches of about 30 ms, after the engine's compilers have settled. */
async function whole(run: () => Promise<unknown>): Promise<number> {
  const warm = performance.now() + 500;
  let calls = 0;
  for (; performance.now() < warm || calls < 2; calls++) await run();
  const batch = Math.max(1, Math.round((calls * 30) / 500)),
    samples: number[] = [];
  for (let k = 0; k < 10; k++) {
    const started = performance.now();
    for (let i = 0; i < batch; i++) await run();
    samples.push((1000 * (performance.now() - started)) / batch);
  }
  return spreadOf(samples).median;
}

const show = (us: number) => (us < 1000 ? `${us.toFixed(us < 100 ? 1 : 0)} µs` : `${(us / 1000).toFixed(us < 1e5 ? 1 : 0)} ms`);
const share = (part: number, all: number) => `${((100 * part) / all).toFixed(0)} %`;

async function profile(c: Case): Promise<void> {
  const { run, calls } = prepare(c),
    total = await whole(run),
    sums = new Map<string, number>(groups.map(g => [g, 0]));
  for (const { name, program, count } of calls) {
    const times = kernelTimes(program);
    for (const kernel of times) sums.set(groupOf(kernel), sums.get(groupOf(kernel))! + count * kernel.microseconds);
    if (!values.kernels) continue;
    console.log(`${c.name}: ${name}, ${count} calls`);
    for (const { microseconds, kind, shape, flops, ops } of times)
      console.log(
        `  ${show(microseconds).padStart(8)}  ${(flops / microseconds / 1e3).toFixed(1).padStart(5)} GFLOP/s  ${kind.padEnd(6)} [${shape.join(",")}]  ${ops.join(" ")}`,
      );
  }
  const inside = [...sums.values()].reduce((a, b) => a + b, 0);
  const cells = groups.map(g => share(sums.get(g)!, total));
  console.log(`| ${c.name} | ${show(total)} | ${cells.join(" | ")} | ${share(Math.max(0, total - inside), total)} |`);
}

const folder = mkdtempSync(join(tmpdir(), "ufom-profile-"));
try {
  console.log(`| work | time | ${groups.join(" | ")} | calls and the rest |`);
  console.log(`| --- | --- | ${groups.map(() => "---").join(" | ")} | --- |`);
  for (const { name, spec } of tables.slice(0, 2).flatMap(({ rows }) => rows)) {
    if (!name.includes(values.only) || (!values.only && /100 tasks|r = 50|100 time steps/.test(name))) continue;
    await profile(spec(folder).case);
  }
} finally {
  rmSync(folder, { recursive: true });
}
