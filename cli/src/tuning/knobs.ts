import type { HostArray, Value } from "ufom";
import { f32, nn, np } from "ufom";
import { sigmoid } from "../cleaning/numbers.js";

/** What is learned in place of being searched by hand. */
export const knobNames = ["penalties", "rate", "schedule", "length", "class-weights", "smoothing"] as const;
export type KnobName = (typeof knobNames)[number];

/** θ: a leaf for each knob that is learned, free of bounds: logarithms and logits. */
export type Theta = Record<string, HostArray>;

/** A number of θ as the number that it stands for, in a program and outside of one. */
interface Scale {
  value(x: Value): Value;
  number(x: number): number;
  /** The x of a number; of what lies at or beyond the bounds, one close to them. */
  inverse(y: number): number;
}

const logarithm: Scale = { value: x => np.exp(x), number: Math.exp, inverse: Math.log };

/** Between 0 and `most`. */
const bounded = (most: number): Scale => ({
  value: x => nn.sigmoid(x).mul(most),
  number: x => most * sigmoid(x),
  inverse: y => {
    const p = Math.min(Math.max(y / most, 1e-3), 1 - 1e-3);
    return Math.log(p / (1 - p));
  },
});

/**
 * The knobs. A rate of 1.3 is about where Nesterov's momentum of 0.9 is no longer stable on a quadratic of curvature 1: 2(1 + μ)/(1 + 2μ) = 1.36.
 */
export const scales: Readonly<Record<KnobName, Scale>> = {
  penalties: logarithm,
  rate: bounded(1.3),
  schedule: bounded(1),
  length: bounded(1.25),
  "class-weights": logarithm,
  smoothing: bounded(0.5),
};

/** What stands where nothing is learned, and where learning starts: what one would take without looking. */
export const usual: Readonly<Record<KnobName, number>> = {
  penalties: 1,
  rate: 1,
  schedule: 0.9,
  length: 1.1,
  "class-weights": 1,
  smoothing: 0.005,
};

/** Of a model that nobody tuned. */
export const untuned: Readonly<Record<KnobName, number>> = { ...usual, schedule: 1, length: 1.25, smoothing: 0 };

/** How many numbers each knob has; 0 where a model has none. */
export type Sizes = Readonly<Record<KnobName, number>>;

/** θ with every knob at one number. */
export function thetaAt(
  numbers: Readonly<Record<KnobName, number | readonly number[]>>,
  learned: readonly KnobName[],
  sizes: Sizes,
): Theta {
  const leaf = (name: KnobName): HostArray => {
    const given = numbers[name];
    const at = (i: number): number => scales[name].inverse(typeof given === "number" ? given : given[i]);
    return f32(Array.from({ length: sizes[name] }, (_, i) => at(i)));
  };
  return Object.fromEntries(learned.map(name => [name, leaf(name)]));
}

/** The numbers that a θ stands for; those of knobs that are not learned are the usual ones. */
export function numbersOf(theta: Theta, sizes: Sizes): Record<KnobName, readonly number[]> {
  const of = (name: KnobName): readonly number[] =>
    Object.hasOwn(theta, name) ? Array.from(theta[name].data, scales[name].number) : Array.from({ length: sizes[name] }, () => usual[name]);
  return Object.fromEntries(knobNames.map(name => [name, of(name)])) as Record<KnobName, readonly number[]>;
}

/** A knob in a program: from θ, or at its usual number. */
export function knob(theta: Readonly<Record<string, Value>>, name: KnobName, sizes: Sizes): Value {
  return Object.hasOwn(theta, name) ? scales[name].value(theta[name]) : np.full([sizes[name]], usual[name]);
}
