import type { Random } from "ufom/internal/core/random/index";
import { boundsOf, lengthOf, noNoise, type Points } from "../strokes/hand.js";
import { gestureOf, likingOf, varied, weighted, within } from "./gestures.js";
import { centred, pointsAt, writeNext, type Gesture, type MotorProgram, type Place, type StrokeProgram } from "./program.js";

/** What the characters of an alphabet have in common: gestures that return, and how many strokes there are and how they are laid. */
export interface Alphabet {
  readonly gestures: readonly Gesture[];
  readonly liking: readonly number[];
  /** Weights of 1, 2, 3, … strokes. */
  readonly strokes: readonly number[];
  /** Weights of: at an end, at a beginning, on the way, free. */
  readonly joins: readonly number[];
  /** How likely a stroke is one of `gestures`. */
  readonly returning: number;
}

export function alphabetOf(random: Random): Alphabet {
  const liking = likingOf(random);
  const gestures = Array.from({ length: 5 + random.integer(5) }, () => gestureOf(random, liking));
  // Strokes: a hump with its top between 1.8 and 3.8.
  const top = within(random, 1.8, 3.8);
  const strokes = [1, 2, 3, 4, 5].map(n => 1 / (1 + (n - top) * (n - top) * (n - top) * (n - top)));
  const joins = [1.6, 1.4, 2.2, 0.8].map(weight => weight * within(random, 0.3, 1.5));
  return { gestures, liking, strokes, joins, returning: within(random, 0.6, 0.9) };
}

/** Where the next stroke lies. */
function placeOf(random: Random, earlier: readonly Points[], joins: readonly number[]): Place {
  const stroke = random.integer(earlier.length);
  const at = weighted(random, ["end", "start", "way", "free"] as const, joins);
  if (at === "free") {
    // Beside the middle of an earlier stroke, in one of eight directions.
    const [x, y] = pointsAt(earlier[stroke], [0.5])[0];
    const [sideX, sideY] = [random.integer(3) - 1, random.integer(3) - 1];
    const far = within(random, 0.3, 0.55);
    return { kind: "free", x: x + sideX * far, y: y + sideY * far };
  }
  const where = at === "end" ? 1 : at === "start" ? 0 : weighted(random, [0.25, 0.5, 0.75], [1, 2, 1]);
  // On the way, strokes cross as often as they set out there; at an end crossing would look like a mistake.
  const anchor = random.next() < (at === "way" ? 0.5 : 0.08) ? 0.5 : random.next() < 0.2 ? 1 : 0;
  return { kind: "joined", stroke, where, anchor };
}

/** A character as it comes, and how it looks without noise. */
function attempt(random: Random, alphabet: Alphabet, n: number): { program: MotorProgram; drawing: readonly Points[] } {
  const strokes: StrokeProgram[] = [];
  const written: Points[] = [];
  for (let i = 0; i < n; i++) {
    const known = random.next() < alphabet.returning;
    const gesture = known ? alphabet.gestures[random.integer(alphabet.gestures.length)] : gestureOf(random, alphabet.liking);
    const place: Place = i === 0 ? { kind: "free", x: 0, y: 0 } : placeOf(random, written, alphabet.joins);
    strokes.push({ gesture: varied(random, gesture), place });
    written.push(writeNext(strokes[i], written, 1, noNoise));
  }
  return centred(strokes, written);
}

/** What a drawing must keep to, in sides of the sheet. */
const limits = { ink: [1.15, 3.6], narrow: 0.35, near: 0.075, crowded: 0.22 } as const;
/** Beads that are as near as that along their own stroke are neighbours. */
const beside = 6;

/** Whether a drawing can be told from others and read: neither a scrap nor a scribble. */
export function isLegible(strokes: readonly Points[]): boolean {
  const ink = strokes.reduce((sum, points) => sum + lengthOf(points), 0);
  if (ink < limits.ink[0] || ink > limits.ink[1]) return false;
  const { left, right, top, bottom } = boundsOf(strokes);
  if (Math.min(right - left, bottom - top) < limits.narrow) return false;
  return isUncrowded(strokes);
}

/** Whether few lines run beside each other within a pen's width, where they become one blot. */
function isUncrowded(strokes: readonly Points[]): boolean {
  const distance = limits.near / 2;
  const x: number[] = [],
    y: number[] = [],
    /** Place along the strokes, in beads; from one stroke to the next it leaps. */
    along: number[] = [];
  for (const points of strokes) {
    const n = Math.max(1, Math.round(lengthOf(points) / distance));
    const shares = Array.from({ length: n + 1 }, (_, i) => i / n);
    const leap = along.length === 0 ? 0 : along[along.length - 1] + 1000;
    for (const [i, [px, py]] of pointsAt(points, shares).entries()) {
      x.push(px);
      y.push(py);
      along.push(leap + i);
    }
  }
  let crowded = 0;
  for (let a = 0; a < x.length; a++) {
    for (let b = 0; b < x.length; b++) {
      const dx = x[a] - x[b],
        dy = y[a] - y[b];
      if (dx * dx + dy * dy < limits.near * limits.near && Math.abs(along[a] - along[b]) > beside) {
        crowded++;
        break;
      }
    }
  }
  return crowded <= limits.crowded * x.length;
}

/** Corners and turning of a single stroke, in radians, below which it is a mere line or bow: scripts have few such characters. */
const plain = 3.6;

function isPlain({ strokes }: MotorProgram): boolean {
  const turning = strokes[0].gesture.arcs.reduce((sum, { corner, turn }) => sum + Math.abs(corner) + Math.abs(turn), 0);
  return strokes.length === 1 && turning < plain;
}

/** Attempts with the same number of strokes, and with any. */
const attempts = { alike: 20, all: 120 } as const;

/** The motor program of a character: attempts are made until one is legible, after some with a stroke less, of a single one with one more. */
export function characterOf(random: Random, alphabet: Alphabet): MotorProgram {
  const first = weighted(random, [1, 2, 3, 4, 5], alphabet.strokes);
  for (let i = 1; ; i++) {
    const levels = Math.floor((i - 1) / attempts.alike);
    const { program, drawing } = attempt(random, alphabet, levels === 0 ? first : Math.max(2, first - levels));
    // Of 30,000 characters none needed so many; should one, a character that is hard to read is one all the same.
    if (i === attempts.all || (!isPlain(program) && isLegible(drawing))) return program;
  }
}
