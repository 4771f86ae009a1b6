import type { Random } from "ufom/internal/core/random/index";
import type { Line } from "../pen.js";
import { turned } from "./turn.js";

/** A stroke's points, x₀, y₀, x₁, y₁, …, in a box of side 1 with y downwards. */
export type Points = readonly number[];

/** How far a person's drawings of one character differ: standard deviations, lengths in sides of the box and angles in radians. */
export const looseness = {
  /** Where a stroke begins that joins no other, and where on another one a stroke is joined to it. */
  place: 0.035,
  /** How far beside that point it is joined. */
  gap: 0.014,
  /** Lengths, relative. */
  length: 0.14,
  /** The direction in which a stroke sets out, and corners. */
  corner: 0.12,
  /** How far an arc turns, relative, and what any line bends by. */
  turn: 0.14,
  bend: 0.09,
  /** Points of strokes that are known by their points. */
  point: 0.007,
  /** The drawing as a whole. */
  rotation: 0.07,
  shear: 0.11,
  scale: 0.085,
  shift: 0.025,
} as const;

/** The pen: half of a line's width in sides of the box, and how much it differs (relative) between drawings and along a line. */
export const pen = { radius: 0.027, thickness: 0.13, pressure: 0.13, least: 0.016 } as const;

/** Free paper that drawings leave at the edges. */
const margin = 0.08;
/** Share of the paper that ink covers at most: who draws many strokes takes a finer pen. */
const mostInk = 0.26;

/** Normal numbers, one at a time. */
export type Noise = () => number;

/** Standard normal numbers of a stream; what is beyond ±2.5 counts as that, so that no drawing falls apart. */
export function noiseOf(random: Random): Noise {
  let numbers = random.normal([64]).data;
  let used = 0;
  return () => {
    if (used === numbers.length) {
      numbers = random.normal([64]).data;
      used = 0;
    }
    return Math.min(2.5, Math.max(-2.5, numbers[used++]));
  };
}

/** A drawing that is no person's: all as it is meant. */
export const noNoise: Noise = () => 0;

/** The smallest box around strokes. */
export function boundsOf(strokes: readonly Points[]): { left: number; right: number; top: number; bottom: number } {
  const bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (const points of strokes) {
    for (let i = 0; i < points.length; i += 2) {
      bounds.left = Math.min(bounds.left, points[i]);
      bounds.right = Math.max(bounds.right, points[i]);
      bounds.top = Math.min(bounds.top, points[i + 1]);
      bounds.bottom = Math.max(bounds.bottom, points[i + 1]);
    }
  }
  return bounds;
}

/** From the point before to the point at place i of the numbers. */
export function distance(points: Points, i: number): number {
  const [dx, dy] = [points[i] - points[i - 2], points[i + 1] - points[i - 1]];
  return Math.sqrt(dx * dx + dy * dy);
}

/** Length of a stroke along its points. */
export function lengthOf(points: Points): number {
  let length = 0;
  for (let i = 2; i < points.length; i += 2) length += distance(points, i);
  return length;
}

/** Strokes on a sheet that lies a little askew, as they are seen then: turned, sheared, stretched and shifted about the middle of the box. */
export function askew(strokes: readonly Points[], noise: Noise): Points[] {
  const angle = looseness.rotation * noise(),
    shear = looseness.shear * noise();
  const size = 1 + looseness.scale * noise(),
    stretch = 1 + 0.7 * looseness.scale * noise();
  const [shiftX, shiftY] = [looseness.shift * noise(), looseness.shift * noise()];
  return strokes.map(points => {
    const moved: number[] = [];
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [size * stretch * (points[i] - 0.5), (size / stretch) * (points[i + 1] - 0.5)];
      const [turnedX, turnedY] = turned(x + shear * y, y, angle);
      moved.push(0.5 + shiftX + turnedX, 0.5 + shiftY + turnedY);
    }
    return moved;
  });
}

/** Strokes moved, and made smaller if they must be, until they leave the margins free. */
export function onPaper(strokes: readonly Points[]): Points[] {
  const { left, right, top, bottom } = boundsOf(strokes);
  const room = 1 - 2 * margin;
  const scale = Math.min(1, room / Math.max(right - left, bottom - top));
  const axis = (low: number, high: number): number => {
    const [from, to] = [0.5 + scale * (low - 0.5), 0.5 + scale * (high - 0.5)];
    return from < margin ? margin - from : to > 1 - margin ? 1 - margin - to : 0;
  };
  const [shiftX, shiftY] = [axis(left, right), axis(top, bottom)];
  return strokes.map(points => points.map((z, i) => 0.5 + scale * (z - 0.5) + (i % 2 === 0 ? shiftX : shiftY)));
}

/** Strokes as a pen draws them: a thickness for the whole drawing, and pressure that changes along each of them. */
export function penned(strokes: readonly Points[], noise: Noise): Line[] {
  const length = strokes.reduce((sum, points) => sum + lengthOf(points), 0);
  const thickness = Math.max(pen.least, Math.min(pen.radius * (1 + pen.thickness * noise()), mostInk / 2 / Math.max(length, 0.1)));
  const radius = () => thickness * (1 + pen.pressure * noise());
  return strokes.map(points => ({ points, radii: [radius(), radius(), 0.88 * radius()] }));
}
