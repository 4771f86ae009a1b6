// ufom as a party of its own bench: the protocol of protocol.py.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseEstimator } from "../../src/core/estimators/index.js";
import { Kernels } from "../../src/core/kernels.js";
import { leaves } from "../../src/core/host-tree.js";
import type { Job } from "../../src/core/team.js";
import { inlineTeam } from "../../src/team/inline.js";
import { createWasmExecutor, defineProblem, f32, nn, np, zeros, type HostTree, type Value } from "../../src/index.js";
import { costOf } from "../../src/program/cost.js";
import type { Case, CleaningCase, SinusoidCase } from "../cases.js";

type Layers = readonly Value[];
const net = (p: Layers, x: Value) => {
  const h = nn.relu(np.matmul(x, p[0]).add(p[1]));
  return np.matmul(nn.relu(np.matmul(h, p[2]).add(p[3])), p[4]).add(p[5]);
};
const mse = (p: Layers, x: Value, y: Value) => np.square(net(p, x).sub(y)).mean();

function sinusoid(c: SinusoidCase) {
  const tasks = Array.from({ length: c.tasks }, (_, t) => {
    const [x, y, xq, yq] = c.data.map(d => f32(d.slice(10 * t, 10 * t + 10), 10, 1));
    return { x, y, xq, yq };
  });
  const theta = c.theta.map((d, i) => f32(d, ...c.shapes[i]));
  const problem = defineProblem({
    theta: () => theta,
    task: () => tasks[0],
    init: t => t,
    inner: { loss: (_, phi, { x, y }) => mse(phi, x, y), rate: c.rate, steps: c.r },
    outer: (_, phi, { xq, yq }) => mse(phi, xq, yq),
  });
  return { problem, theta, tasks, estimator: parseEstimator(c.estimator) };
}

function cleaning(c: CleaningCase) {
  const bytes = readFileSync(c.file),
    numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  let at = 0;
  const [x, y, xClean, yClean] = [784, 10, 784, 10].map(w => f32(numbers.subarray(at, (at += c.n * w)), c.n, w));
  const entropy = (phi: { w: Value; b: Value }, images: Value, labels: Value) =>
    nn.crossEntropy(np.matmul(images, phi.w).add(phi.b), labels);
  const problem = defineProblem({
    theta: () => ({ weight: zeros(c.n) }),
    task: () => ({ x, y, xClean, yClean }),
    init: () => ({ w: np.zeros([784, 10]), b: np.zeros([10]) }),
    inner: {
      loss: (t, phi, d) =>
        nn
          .sigmoid(t.weight)
          .mul(entropy(phi, d.x, d.y))
          .mean()
          .add(np.square(phi.w).sum().mul(c.decay)),
      rate: c.rate,
      steps: c.r,
    },
    outer: (_, phi, d) => entropy(phi, d.xClean, d.yClean).mean(),
  });
  return {
    problem,
    theta: { weight: zeros(c.n) },
    tasks: [{ x, y, xClean, yClean }],
    estimator: parseEstimator(c.estimator === "exact" ? "exact" : "first-order:mixed"),
  };
}

function make(c: Case) {
  const { problem, theta, tasks, estimator } = c.problem === "sinusoid" ? sinusoid(c) : cleaning(c);
  const kernels = new Kernels(problem, { theta, task: tasks[0] }, { executor: createWasmExecutor() });
  const team = inlineTeam(kernels, estimator),
    jobs: Job[] = tasks.map(task => ({ theta, task, choice: { exact: true, probability: 1 } }));
  const run = async (): Promise<HostTree> => (await team.mean(jobs)).gradient;
  const products = c.estimator === "exact" ? kernels.programs.pullback : kernels.programs.mixed;
  const flops = (p: Parameters<typeof costOf>[0]) => costOf(p).flops;
  const mixed = c.problem === "hyper-cleaning" && c.estimator !== "exact";
  const steps = mixed ? 2 * c.r - 1 : c.r,
    pulls = c.estimator === "exact" || mixed ? c.r * flops(products.program) : 0;
  return { run, kernels, flops: tasks.length * (steps * flops(kernels.programs.step) + pulls + flops(kernels.programs.outer.program)) };
}

const ready = new Map<string, ReturnType<typeof make>>();
async function answer(request: { op: string; case: Case; seconds: number }): Promise<unknown> {
  if (request.op === "info") return { name: "ufom (wasm)", threads: 1 };
  const key = JSON.stringify(request.case);
  if (request.op === "prepare") {
    const started = performance.now(),
      made = make(request.case),
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
