// Five-way one-shot classification of Omniglot's characters: learn from where a small convolutional network learns five new
// characters from one drawing of each.
import { adapt, defineProblem, evaluate, f32, full, i32, lax, nn, np, stream, zeros, type HostArray, type Random, type Value } from "ufom";
import { runHere } from "./helpers.js";
import { omniglot, type Character } from "./omniglot.js";

const ways = 5,
  shots = 1,
  queries = 3,
  channels = 16;

/** The characters of two alphabets are only seen at the end. */
const kept = ["Korean", "Tagalog"],
  characters = omniglot(),
  old = characters.filter(c => !kept.includes(c.alphabet)),
  unseen = characters.filter(c => kept.includes(c.alphabet));

/** Some characters, with a few drawings of each to learn from and others to be judged by. */
function episode(random: Random, from: Character[]) {
  const chosen = Array.from(random.permutation(from.length).subarray(0, ways), c => from[c].drawings),
    orders = chosen.map(() => random.permutation(20));
  const part = (first: number, end: number) => {
    const drawings = chosen.flatMap((of, c) => Array.from(orders[c].subarray(first, end), k => [...of[k]])),
      labels = chosen.flatMap((_, c) => Array<number>(end - first).fill(c));
    return { x: f32(drawings.flat(), labels.length, 1, 28, 28), y: i32(labels) };
  };
  return { support: part(0, shots), query: part(shots, shots + queries) };
}

type Block<T> = { kernel: T; scale: T; shift: T };
type Network<T> = { blocks: Block<T>[]; w: T; b: T };
type Examples = { x: Value; y: Value };

/** 28 → 14 → 7 → 4 → 2 pixels, then a linear layer. */
const logits = ({ blocks, w, b }: Network<Value>, x: Value) => {
  const h = blocks.reduce((h, { kernel, scale, shift }) => nn.relu(nn.batchNorm(lax.conv(h, kernel, [2, 2], "SAME"), scale, shift)), x);
  return np.matmul(h.reshape([x.shape[0], -1]), w).add(b);
};
const meanLoss = (phi: Network<Value>, { x, y }: Examples) => nn.crossEntropy(logits(phi, x), y).mean();

const problem = defineProblem({
  name: "few-shot",
  theta: (random): Network<HostArray> => ({
    blocks: [1, channels, channels, channels].map(inputs => ({
      kernel: random.normal([channels, inputs, 3, 3], Math.sqrt(2 / (9 * inputs))),
      scale: full(1, channels),
      shift: zeros(channels),
    })),
    w: random.normal([4 * channels, ways], 0.1),
    b: zeros(ways),
  }),
  task: random => episode(random, old),
  init: theta => theta,
  inner: {
    loss: (_, phi, task) => meanLoss(phi, task.support),
    rate: 0.4,
    steps: 5,
  },
  outer: (_, phi, task) => meanLoss(phi, task.query),
});
export default problem;

export const defaults = { estimator: "exact", outer: "adam:0.005", outerSteps: 1000, metaBatch: 4 };

const accuracy = evaluate((phi: Network<Value>, { x, y }: Examples) => np.argmax(logits(phi, x), -1).equal(y).mean());

/** Accuracies on 200 episodes of characters never seen: with what was learned, and from a random start. Chance is 0.2. */
async function figures(theta: Network<HostArray>) {
  const mean = async (from: Network<HostArray>) => {
    let sum = 0;
    for (let i = 0; i < 200; i++) {
      const task = episode(stream(3, "episode", i), unseen),
        { phi } = await adapt(problem, { theta: from, task });
      sum += (await accuracy(phi, task.query)).data[0];
    }
    return sum / 200;
  };
  return { accuracy: await mean(theta), accuracyRandomStart: await mean(problem.theta(1)) };
}
export { figures as evaluate };

await runHere(import.meta.url, problem, defaults, figures);
