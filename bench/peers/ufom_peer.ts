// ufom as a party of its own bench: the protocol of protocol.py.
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { leaves } from "../../src/core/trees/host-tree.js";
import type { HostTree } from "../../src/index.js";
import type { Case, OuterCase } from "../cases.js";
import { prepareOptional, prepareOuter } from "../outer.js";
import type { UfomOptions } from "../party.js";
import { prepare, type Prepared } from "../problems.js";
import { now } from "../timing.js";

const options = JSON.parse(process.env.UFOM_BENCH_OPTIONS ?? "{}") as UfomOptions,
  ready = new Map<string, Prepared>();

const make = async (c: Case | OuterCase): Promise<Prepared> =>
  "mode" in c ? prepareOuter(c, options) : Object.keys(options).length ? prepareOptional(c, options) : prepare(c);

function floats(tree: HostTree): Float32Array {
  const arrays = leaves(tree),
    all = new Float32Array(arrays.reduce((n, a) => n + a.data.length, 0));
  let at = 0;
  for (const { data } of arrays) {
    all.set(data, at);
    at += data.length;
  }
  return all;
}

/** kB of resident memory, as Linux counts them: now (`VmRSS`) and at its highest (`VmHWM`). */
const memory = (field: string): number =>
  Number(
    readFileSync("/proc/self/status", "latin1")
      .split("\n")
      .find(line => line.startsWith(field))!
      .split(/\s+/)[1],
  );

async function samplesOf(made: Prepared, seconds: number): Promise<number[]> {
  const samples: number[] = [],
    end = performance.now() + 1000 * seconds;
  let calls = 1;
  while (performance.now() < end || samples.length < 1) {
    if (made.time) {
      samples.push(await made.time());
      continue;
    }
    const started = now();
    for (let i = 0; i < calls; i++) await made.run();
    const took = (now() - started) / calls;
    samples.push(took / 1000);
    calls = Math.max(1, Math.min(1000, Math.floor(2 / took)));
  }
  return samples;
}

async function answer(request: { op: string; case: Case; seconds: number; out: string }): Promise<unknown> {
  if (request.op === "info") return { name: "ufom", threads: options.workers ?? 1 };
  if (request.op === "once") {
    const base = memory("VmRSS");
    await (await make(request.case)).run();
    return { base, peak: memory("VmHWM") };
  }
  const key = JSON.stringify(request.case);
  if (request.op === "prepare") {
    const started = now(),
      made = await make(request.case),
      gradient = await made.run();
    const first = (now() - started) / 1000;
    ready.set(key, made);
    writeFileSync(request.out, floats(gradient));
    return { first, flops: made.flops };
  }
  const made = ready.get(key);
  if (!made) throw new Error(`ufom: the bench times cases that were prepared; received ${key}.`);
  return { samples: await samplesOf(made, request.seconds) };
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await answer(JSON.parse(line) as Parameters<typeof answer>[0])));
