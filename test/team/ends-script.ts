// What test/team/ends-by-itself.test.ts runs in a process of its own.
import { adam, hypergradient, solve } from "../../src/index.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";

const { problem } = everywhere,
  options = { estimator: "exact", outer: adam(0.01), outerSteps: 30, metaBatch: 4, workers: 2 };

const ways: Record<string, () => Promise<string>> = {
  async finish() {
    const { outcome, workers } = await solve(problem, options);
    return `${outcome}, ${workers} threads`;
  },
  async break() {
    const run = solve(problem, options);
    for await (const { index } of run) if (index === 3) break;
    const { outcome, workers } = await run.result();
    return `${outcome}, ${workers} threads`;
  },
  async abort() {
    const controller = new AbortController(),
      run = solve(problem, { ...options, outerSteps: 1e6, signal: controller.signal });
    // However long the start takes: some steps have been done when it comes.
    for await (const { index } of run) if (index === 3) setTimeout(() => controller.abort());
    const { outcome, workers } = await run.result();
    return `${outcome}, ${workers} threads`;
  },
  async throw() {
    let drawn = 0;
    const failing = Object.assign(Object.create(problem) as typeof problem, {
      draw: (...at: Parameters<typeof problem.draw>) => {
        if (++drawn > 20) throw new Error("no more tasks");
        return problem.draw(...at);
      },
    });
    return solve(failing, options).then(
      () => "done",
      (error: Error) => error.message,
    );
  },
  async hypergradient() {
    const found = [await hypergradient(problem, { metaBatch: 4, workers: 2 }), await hypergradient(problem, { metaBatch: 4, workers: 2 })],
      [first, second] = found.map(({ gradient }) => bitsOf(gradient));
    return `${found[1].workers} threads, ${first === second ? "twice the same" : "not the same"}`;
  },
  async unawaited() {
    // Somebody looks at one step and goes away, without a word.
    await solve(problem, options)[Symbol.asyncIterator]().next();
    return "started";
  },
};

console.log(await ways[process.argv[2]]());
