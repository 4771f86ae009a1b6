// npx tsx bench/long-programs.ts: seconds of every stage of compiling, for programs that grow in one way each, and the exponent of n by
// which a stage grew from the size before.
//   --only TEXT    shapes whose name contains it
//   --sizes LIST   1000,3000,10000
import { parseArgs } from "node:util";
import { Graph } from "../src/compiler/graph/graph.js";
import { lower } from "../src/compiler/graph/lower.js";
import { preferredAxes } from "../src/compiler/graph/preferred.js";
import { Fusion, liveTensors } from "../src/compiler/schedule/fuse.js";
import { planMemory } from "../src/compiler/schedule/memory-plan.js";
import { encode } from "../src/executors/wasm/compile.js";
import { createWasmExecutor } from "../src/executors/wasm/index.js";
import { wasmTarget } from "../src/executors/wasm/target.js";
import { costOf } from "../src/program/cost.js";
import { hashProgram } from "../src/program/hash.js";
import { standardPasses } from "../src/program/passes/index.js";
import { printProgram } from "../src/program/print.js";
import { deserializeProgram, serializeProgram } from "../src/program/serialize.js";
import { verifyProgram } from "../src/program/verify.js";
import { allocate } from "../src/tensor/types.js";
import { shapes } from "./long-shapes.js";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, sizes: { type: "string", default: "1000,3000,10000" } },
});

type Stages = Map<string, number>;

function measure(name: string, n: number): { stages: Stages; operations: number; megabytes: number } {
  const stages: Stages = new Map();
  const timed = <T>(stage: string, run: () => T): T => {
    const before = process.cpuUsage(),
      result = run(),
      { user, system } = process.cpuUsage(before);
    stages.set(stage, (stages.get(stage) ?? 0) + (user + system) / 1e6);
    return result;
  };
  let program = timed("trace", () => shapes[name](n));
  const operations = program.nodes.length;
  standardPasses.forEach(pass => {
    program = timed(pass.name, () => pass(program));
    timed("verify", () => verifyProgram(program));
  });
  timed("hash", () => hashProgram(program));
  timed("print", () => printProgram(program));
  timed("serialize", () => deserializeProgram(serializeProgram(program)));
  timed("cost", () => costOf(program));
  const graph = new Graph(wasmTarget),
    outputs = timed("lower", () => lower(program, graph, preferredAxes(program)).map(v => graph.dense(v))),
    tensors = timed("live", () => liveTensors(outputs)),
    { kernels } = timed("fuse", () => new Fusion(tensors, wasmTarget)),
    plan = timed("memory", () => planMemory(kernels, tensors, outputs, wasmTarget));
  timed("encode", () => encode(program, { kernels, plan, outputs, loops: new Map() }));
  const executor = createWasmExecutor();
  const inputs = timed("upload", () => program.inputs.map(t => executor.upload({ ...t, data: allocate(t).fill(0.1) })));
  const executable = timed("compile, whole", () => executor.compile(program));
  const results = timed("first call", () => executable.run(inputs));
  timed("read", () => void executor.readAll(results as never));
  executor.dispose();
  return { stages, operations, megabytes: process.memoryUsage().rss / 2 ** 20 };
}

for (const name of Object.keys(shapes)) {
  if (!name.includes(values.only)) continue;
  let before: { n: number; stages: Stages } | undefined;
  measure(name, 300);
  for (const n of values.sizes.split(",").map(Number)) {
    const { stages, operations, megabytes } = measure(name, n);
    console.log(`${name}, n = ${n}, ${operations} nodes, ${megabytes.toFixed(0)} MB`);
    for (const [stage, seconds] of stages) {
      const old = before?.stages.get(stage),
        exponent = old && seconds > 0.02 ? (Math.log(seconds / old) / Math.log(n / before!.n)).toFixed(2) : "";
      if (seconds > 0.005) console.log(`  ${stage.padEnd(20)} ${seconds.toFixed(3).padStart(9)} ${exponent.padStart(6)}`);
    }
    before = { n, stages };
  }
}
