// npx tsx bench/scan.ts: from a problem with a GRU in its inner loss to the first exact hypergradient, and the most memory that took, each in a
// process of its own; by `lax.scan` and by JavaScript's loop. On Linux the time that the process worked, elsewhere by the clock.
//   --steps 25,100,400    time steps of the GRU
//   --rounds N            the fastest of so many processes (3)
//   --case WAY,STEPS      one row, in this process, as JSON
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { defineProblem, exact, full, hypergradient, lax, nn, np, tree } from "../src/index.js";
import type { Value } from "../src/index.js";

const ways = ["unrolled", "store", "checkpoint=10"] as const;
type Way = (typeof ways)[number];

const inputs = 8,
  units = 40,
  batch = 10;

type Cell = ReturnType<typeof nn.gru.init>;
type Weights<T> = { readonly cell: { readonly [K in keyof Cell]: T }; readonly out: T };

function problemOf(way: Way, steps: number) {
  // A prediction at every step. Of the last one alone the gradient fades by about e^−0.4 a step with these gates: from 200 steps on it is subnormal
  // (a tenth of all cotangents of states over 400 steps), and arithmetic on such numbers makes the same program take 6.4 times as long.
  const states = (cell: Weights<Value>["cell"], x: Value): Value => {
    const first = np.zeros([batch, units]);
    if (way !== "unrolled") {
      const step = (h: Value, row: Value) => {
        const next = nn.gru(cell, h, row);
        return [next, next] as const;
      };
      return lax.scan(step, first, x, { memory: way })[1];
    }
    const all: Value[] = [];
    for (let t = 0; t < steps; t++) all.push(nn.gru(cell, all[t - 1] ?? first, x.slice(t)));
    return np.stack(all);
  };
  const error = ({ cell, out }: Weights<Value>, { x, y }: { x: Value; y: Value }): Value =>
    np.square(np.matmul(states(cell, x), out).sub(y)).mean();
  return defineProblem({
    theta: random => ({
      start: { cell: nn.gru.init(random, inputs, units), out: { ...full(0.1, units, 1) } },
      logRate: full(-3),
    }),
    task: random => {
      const series = () => ({ x: random.normal([steps, batch, inputs]), y: random.normal([steps, batch, 1]) });
      return { train: series(), validation: series() };
    },
    init: theta => theta.start,
    inner: { loss: (_, w, task) => error(w as Weights<Value>, task.train), rate: theta => np.exp(theta.logRate), steps: 2 },
    outer: (_, w, task) => error(w as Weights<Value>, task.validation).add(tree.sumSquares(w).mul(1e-4)),
  });
}

interface Row {
  readonly first: number;
  readonly second: number;
  readonly megabytes: number;
  readonly loss: number;
  readonly norm: number;
}

async function measure(way: Way, steps: number): Promise<Row> {
  const worked = () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    return (userCPUTime + systemCPUTime) / 1e3;
  };
  const problem = problemOf(way, steps),
    started = worked(),
    { loss, gradient } = await hypergradient(problem, { estimator: exact(), executor: "wasm" }),
    first = worked() - started,
    again = worked();
  await hypergradient(problem, { estimator: exact(), executor: "wasm" });
  const second = worked() - again;
  const norm = Math.sqrt(
    Array.from((gradient as { start: { out: { data: ArrayLike<number> } } }).start.out.data).reduce((s, x) => s + x * x, 0),
  );
  return { first, second, megabytes: process.resourceUsage().maxRSS / 1024, loss, norm };
}

const { values } = parseArgs({
  options: { steps: { type: "string", default: "25,100,400" }, rounds: { type: "string", default: "3" }, case: { type: "string" } },
});
if (values.case) {
  const [way, steps] = values.case.split(",");
  console.log(JSON.stringify(await measure(way as Way, Number(steps))));
} else {
  const self = fileURLToPath(import.meta.url);
  console.log("GRU, 40 units, batch 10, exact hypergradient over two inner steps, first result and the next one in ms, most memory in MB");
  for (const way of ways)
    for (const steps of values.steps.split(",")) {
      const rows: Row[] = [];
      for (let round = 0; round < Number(values.rounds); round++) {
        const { stdout, stderr } = spawnSync("npx", ["tsx", self, "--case", `${way},${steps}`], { encoding: "utf8" });
        if (!stdout.startsWith("{")) throw new Error(stderr);
        rows.push(JSON.parse(stdout) as Row);
      }
      const least = (of: (row: Row) => number) => Math.min(...rows.map(of)).toFixed(0);
      console.log(
        `${way.padEnd(14)} ${steps.padStart(4)}  first ${least(r => r.first).padStart(6)}  next ${least(r => r.second).padStart(6)}`
          + `  MB ${least(r => r.megabytes).padStart(5)}  loss ${rows[0].loss}  norm ${rows[0].norm}`,
      );
    }
}
