import type { Random } from "ufom/internal/core/random/index";
import type { Arc, Gesture } from "./program.js";

/** A number from a range, all alike likely. */
export const within = (random: Random, low: number, high: number): number => low + (high - low) * random.next();
/** One side or the other. */
const either = (random: Random): 1 | -1 => (random.next() < 0.5 ? 1 : -1);

/** An item, the likelier the greater its weight. */
export function weighted<T>(random: Random, items: readonly T[], weights: readonly number[]): T {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, item] of items.entries()) {
    left -= weights[i];
    if (left < 0) return item;
  }
  return items[items.length - 1];
}

const quarter = Math.PI / 2;

/** Directions in which people like to set out, in quarter turns: right, down, the diagonals between, left, up. */
const headings = [0, 1, 0.5, 1.5, -0.5, 2, 3];
const headingWeights = [5, 6, 2, 2.5, 1.5, 0.8, 0.6];

const heading = (random: Random): number => weighted(random, headings, headingWeights) * quarter + within(random, -0.12, 0.12);

const arc = (length: number, turn: number, corner = 0): Arc => ({ corner, length, turn });

/** What strokes are made of, in the order of `kindWeights`: each gives arcs of a gesture of about length 1. */
const kinds: readonly ((random: Random) => readonly Arc[])[] = [
  // a line
  () => [arc(1, 0)],
  // a bow
  random => [arc(1.1, either(random) * within(random, 0.9, 1.9))],
  // half a circle or more of it
  random => [arc(1.4, either(random) * within(random, 2.4, 4.2))],
  // a closed loop
  random => [arc(1.8, either(random) * within(random, 5.9, 6.5))],
  // a wave
  random => {
    const [side, turn] = [either(random), within(random, 1.3, 2.6)];
    return [arc(0.75, side * turn), arc(0.75, -side * turn)];
  },
  // two lines, or a line and a bow, with a corner between
  random => {
    const side = either(random);
    const second = random.next() < 0.5 ? 0 : either(random) * within(random, 1, 2.4);
    return [arc(0.8, 0), arc(within(random, 0.5, 0.9), second, side * within(random, 1.1, 2.3))];
  },
  // zigzag
  random => {
    const [side, corner] = [either(random), within(random, 1.4, 2.3)];
    return [arc(0.6, 0), arc(0.6, 0, side * corner), arc(0.6, 0, -side * corner)];
  },
  // a line that ends in a hook
  random => {
    const side = either(random);
    return [arc(0.85, 0), arc(within(random, 0.3, 0.6), side * within(random, 1.8, 3.2))];
  },
  // a line that ends in a loop
  random => [arc(0.7, 0), arc(within(random, 0.8, 1.2), either(random) * within(random, 4.4, 5.8))],
  // two corners: three sides of a box
  random => {
    const side = either(random);
    return [arc(0.6, 0), arc(0.6, 0, side * quarter), arc(0.6, 0, side * quarter)];
  },
  // a dot
  () => [],
];

/** How often each kind is drawn, before an alphabet has its own liking. */
const usual = [5, 2.5, 2.2, 1, 1, 2, 0.7, 1.6, 0.8, 0.7, 0.7];

/** The liking of an alphabet for kinds of gestures: some often, some hardly ever. */
export const likingOf = (random: Random): readonly number[] =>
  usual.map(weight => {
    const x = random.next();
    return weight * (0.1 + 2.5 * x * x);
  });

/** A gesture, of kinds as they are liked. */
export const gestureOf = (random: Random, liking: readonly number[]): Gesture => ({
  heading: heading(random),
  arcs: weighted(random, kinds, liking)(random),
});

/** A gesture at another size, and now and then its mirror image or turned by a quarter. */
export function varied(random: Random, { heading: first, arcs }: Gesture): Gesture {
  const size = within(random, 0.6, 1.25);
  const mirror = random.next() < 0.3 ? -1 : 1;
  const quarters = random.next() < 0.2 ? either(random) : 0;
  return {
    heading: mirror * first + (mirror === -1 ? Math.PI : 0) + quarters * quarter,
    arcs: arcs.map(({ corner, length, turn }) => ({ corner: mirror * corner, length: size * length, turn: mirror * turn })),
  };
}
