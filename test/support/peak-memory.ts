// A process of its own: prints the most memory that it held (kB) and the most inner states, after a few hypergradients.
//   ESTIMATOR INNER_STEPS (test/core/constant-memory.test.ts makes one file of it and runs that)
import { createWasmExecutor, defineProblem, hypergradient, np } from "../../src/index.js";

const [estimator, innerSteps] = process.argv.slice(2);
const n = 8_000;

// A state of 32 kB: a thousand of them are 32 MB, which would show.
const problem = defineProblem({
  theta: random => ({ start: random.normal([n]) }),
  task: random => ({ target: random.normal([n]) }),
  init: theta => theta.start,
  inner: { loss: (_, phi, task) => np.square(phi.sub(task.target)).mul(np.square(phi).add(1)).sum(), rate: 1e-3, steps: 1 },
  outer: (_, phi, task) => np.square(phi.sub(task.target)).mean(),
});
const executor = createWasmExecutor();
const run = (steps: number) => hypergradient(problem, { estimator, executor, innerSteps: steps });
// Code is compiled and optimized before the loop that counts; both lengths do this alike.
for (let i = 0; i < 20; i++) await run(3);
const { peakStates } = await run(Number(innerSteps));
console.log(JSON.stringify({ maxRSS: process.resourceUsage().maxRSS, peakStates }));
