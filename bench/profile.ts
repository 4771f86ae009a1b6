// npm run profile: where the time of a gradient goes, kernel by kernel.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cleaningCase, cleaningFile, nameOf, sinusoidCase, type GradientCase } from "./cases.js";
import { kernelTimes, type KernelTime } from "./kernel-times.js";
import { prepare } from "./problems.js";
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

async function profile(c: GradientCase): Promise<void> {
  const { run, calls } = prepare(c),
    total = await whole(run),
    sums = new Map<string, number>(groups.map(g => [g, 0]));
  for (const { name, program, count } of calls) {
    const times = kernelTimes(program);
    for (const kernel of times) sums.set(groupOf(kernel), sums.get(groupOf(kernel))! + count * kernel.microseconds);
    if (!values.kernels) continue;
    console.log(`${nameOf(c)}: ${name}, ${count} calls`);
    for (const { microseconds, kind, shape, flops, ops } of times)
      console.log(
        `  ${show(microseconds).padStart(8)}  ${(flops / microseconds / 1e3).toFixed(1).padStart(5)} GFLOP/s  ${kind.padEnd(6)} [${shape.join(",")}]  ${ops.join(" ")}`,
      );
  }
  const inside = [...sums.values()].reduce((a, b) => a + b, 0);
  const cells = groups.map(g => share(sums.get(g)!, total));
  console.log(`| ${nameOf(c)} | ${show(total)} | ${cells.join(" | ")} | ${share(Math.max(0, total - inside), total)} |`);
}

const folder = mkdtempSync(join(tmpdir(), "ufom-profile-"));
try {
  console.log(`| work | time | ${groups.join(" | ")} | calls and the rest |`);
  console.log(`| --- | --- | ${groups.map(() => "---").join(" | ")} | --- |`);
  const kinds = ["first-order", "exact"] as const,
    file = cleaningFile(folder, 5000);
  const cases: GradientCase[] = [
    ...[1, 25].flatMap(tasks => [1, 10].flatMap(r => kinds.map(kind => sinusoidCase(kind, r, tasks)))),
    ...kinds.map(kind => cleaningCase(kind, 20, 5000, file)),
  ];
  for (const c of cases.filter(x => nameOf(x).includes(values.only))) await profile(c);
} finally {
  rmSync(folder, { recursive: true });
}
