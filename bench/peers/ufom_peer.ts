// ufom as a party of its own bench: the protocol of protocol.py.
import { createInterface } from "node:readline";
import { leaves } from "../../src/core/trees/host-tree.js";
import type { Case } from "../cases.js";
import { prepareOuter } from "../outer.js";
import { prepare, type Prepared } from "../problems.js";

const ready = new Map<string, Prepared>();
async function answer(request: { op: string; case: Case; seconds: number }): Promise<unknown> {
  if (request.op === "info") return { name: "ufom (wasm)", threads: 1 };
  const key = JSON.stringify(request.case);
  if (request.op === "prepare") {
    const started = performance.now(),
      made = request.case.problem === "outer loop" ? await prepareOuter(request.case) : prepare(request.case),
      gradient = await made.run();
    const first = (performance.now() - started) / 1000;
    ready.set(key, made);
    return { first, flops: made.flops, gradient: leaves(gradient).flatMap(a => Array.from(a.data)) };
  }
  const made = ready.get(key);
  if (!made) throw new Error(`ufom: the bench times cases that were prepared; received ${key}.`);
  const samples: number[] = [],
    end = performance.now() + 1000 * request.seconds;
  let calls = 1;
  while (performance.now() < end || samples.length < 3) {
    if (made.time) {
      samples.push(await made.time());
      continue;
    }
    const started = performance.now();
    for (let i = 0; i < calls; i++) await made.run();
    const took = (performance.now() - started) / calls;
    samples.push(took / 1000);
    calls = Math.max(1, Math.min(1000, Math.floor(2 / took)));
  }
  return { samples };
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answer(JSON.parse(line) as Parameters<typeof answer>[0])));
