// A process of its own: prints the memory that it holds (MB) at every 250th of 2,000 outer steps, and what the executor holds on the way.
import { adam, createWasmExecutor, solve } from "../../src/index.js";
import { initialization } from "./problems.js";

const executor = createWasmExecutor(),
  run = solve(initialization.problem, { estimator: "ufom:0.3", outer: adam(1e-3), outerSteps: 2000, metaBatch: 2, executor });
const seen = new Set<string>(),
  resident: number[] = [];
for await (const { index } of run) {
  // The first steps compile and upload what stays: step indices, zeros.
  if (index > 20) seen.add(JSON.stringify(executor.usage()));
  if (index % 250 !== 0) continue;
  (globalThis as unknown as { gc(): void }).gc();
  resident.push(process.memoryUsage().rss / 2 ** 20);
}
console.log(JSON.stringify({ resident, different: seen.size, left: executor.usage() }));
