// Uses executors and lets go of them: run in a process of its own with --expose-gc, prints how many of their memories are left.
import { createWasmExecutor, hypergradient, sgd, solve } from "../../src/index.js";
import { longLoop } from "./long-loop.js";

const { Memory } = WebAssembly,
  memories: WeakRef<WebAssembly.Memory>[] = [];
WebAssembly.Memory = class extends Memory {
  constructor(options: WebAssembly.MemoryDescriptor) {
    super(options);
    memories.push(new WeakRef(this));
  }
};

/** It lives as long as the process. */
const problem = longLoop(3),
  kept: unknown[] = [];

async function use(dispose: boolean): Promise<void> {
  const executor = createWasmExecutor(),
    run = solve(problem, { estimator: "exact", outer: sgd(0.1), outerSteps: 3, executor });
  await hypergradient(problem, { executor, estimator: "ufom:0.5" });
  await run.result();
  if (!dispose) return;
  // A disposed executor is nobody's memory any more, though it, a run and a buffer are still held.
  kept.push(executor, run, executor.upload({ shape: [2], dtype: "float32", data: new Float32Array(2) }));
  executor.dispose();
}

for (let i = 0; i < 5; i++) await use(process.argv[2] === "dispose");
let rounds = 0;
const gc = (globalThis as unknown as { gc: () => void }).gc,
  alive = () => memories.filter(memory => memory.deref()).length;
do {
  // A memory that was looked at stays until the job ends.
  await new Promise(resolve => setTimeout(resolve, 10));
  gc();
} while (alive() && ++rounds < 100);
console.log(JSON.stringify({ made: memories.length, alive: alive(), kept: kept.length }));
