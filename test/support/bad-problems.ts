import { defineProblem, np, zeros } from "../../src/index.js";

/** A specification that is right, without its types: tests break one thing at a time. */
export const good = {
  theta: () => ({ w: zeros(3), b: zeros() }),
  task: () => ({ x: zeros(4, 3), y: zeros(4) }),
  init: (theta: unknown) => theta,
  inner: { loss: () => np.zeros([]), rate: 0.1, steps: 2 },
  outer: () => np.zeros([]),
};

export type Anything = Record<string, unknown>;
export type Tree = Record<string, ReturnType<typeof np.zeros>>;

/** The specification with something changed. */
export const define = (changes: Anything) => defineProblem({ ...good, ...changes });
/** With something changed in `inner`. */
export const inner = (changes: Anything) => define({ inner: { ...good.inner, ...changes } });
/** With an inner step of its own. */
export const ownStep = (step: unknown, state: unknown = () => ({ m: np.zeros([3]) })) => define({ inner: { steps: 2, state, step } });
