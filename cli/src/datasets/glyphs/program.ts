import type { Noise } from "../strokes/hand.js";
import { boundsOf, distance, lengthOf, looseness, type Points } from "../strokes/hand.js";
import { direction, turned, type Vector } from "../strokes/turn.js";

/** A piece of a stroke with one curvature: the corner before it, its length, and the angle that it turns by on its way. */
export interface Arc {
  readonly corner: number;
  readonly length: number;
  readonly turn: number;
}

/** A stroke without its place: the direction in which it sets out, and its arcs. No arc at all is a dot. */
export interface Gesture {
  readonly heading: number;
  readonly arcs: readonly Arc[];
}

/** Where a stroke lies: free at a place; or joined, its own point `anchor` (share of its length) on the point `where` of an earlier stroke. */
export type Place =
  | { readonly kind: "free"; readonly x: number; readonly y: number }
  | { readonly kind: "joined"; readonly stroke: number; readonly where: number; readonly anchor: number };

export interface StrokeProgram {
  readonly gesture: Gesture;
  readonly place: Place;
}

/** How a character is written: strokes in their order, and how what they give is laid on the sheet. */
export interface MotorProgram {
  readonly strokes: readonly StrokeProgram[];
  readonly fit: { readonly scale: number; readonly x: number; readonly y: number };
}

/** Greatest angle between neighbouring pieces of an arc. */
const step = 0.45;

/** A gesture's points, from (0, 0). */
function pointsOf({ heading, arcs }: Gesture, noise: Noise): number[] {
  const points = [0, 0];
  let [x, y] = [0, 0];
  let [hx, hy] = direction(heading + looseness.corner * noise());
  for (const { corner, length, turn } of arcs) {
    const [bent, long] = [corner === 0 ? 0 : corner + looseness.corner * noise(), length * Math.max(0.3, 1 + looseness.length * noise())];
    [hx, hy] = turned(hx, hy, bent);
    const pieces = Math.max(3, Math.ceil(Math.abs(turn) / step));
    // What a hand bends a line by changes on the way.
    const angles = [0, 1].map(() => (turn * (1 + looseness.turn * noise()) + looseness.bend * noise()) / pieces);
    for (let i = 0; i < pieces; i++) {
      const angle = angles[2 * i < pieces ? 0 : 1];
      [hx, hy] = turned(hx, hy, angle / 2);
      [x, y] = [x + (hx * long) / pieces, y + (hy * long) / pieces];
      points.push(x, y);
      [hx, hy] = turned(hx, hy, angle / 2);
    }
  }
  return points;
}

/** The points of a stroke at shares of its length, which ascend. */
export function pointsAt(points: Points, shares: readonly number[]): Vector[] {
  const whole = lengthOf(points);
  const found: Vector[] = [];
  let [before, end] = [0, 0];
  let i = 0;
  for (const share of shares) {
    const wanted = share * whole;
    while (end < wanted && i + 3 < points.length) {
      i += 2;
      before = end;
      end += distance(points, i);
    }
    const t = end > before ? Math.min(1, (wanted - before) / (end - before)) : 0;
    const from = Math.max(0, i - 2);
    found.push([points[from] + t * (points[i] - points[from]), points[from + 1] + t * (points[i + 1] - points[from + 1])]);
  }
  return found;
}

/** The point of a stroke at a share of its length. */
const pointAt = (points: Points, share: number): Vector => pointsAt(points, [share])[0];

/** How a character's sheet is laid: what is written lies on it at this scale, shifted. */
type Fit = MotorProgram["fit"];

/** The next stroke; a joined one finds the earlier one where it was really drawn. */
export function writeNext({ gesture, place }: StrokeProgram, earlier: readonly Points[], scale: number, noise: Noise): number[] {
  const points = pointsOf(gesture, noise);
  let [x, y] = [0, 0];
  if (place.kind === "free") {
    const spread = looseness.place / scale;
    [x, y] = [place.x + spread * noise(), place.y + spread * noise()];
  } else {
    // What is joined to an end stays there; in between the point slides along.
    const slide = (share: number): number =>
      share === 0 || share === 1 ? share : Math.min(1, Math.max(0, share + (looseness.length / 2) * noise()));
    const [px, py] = pointAt(earlier[place.stroke], slide(place.where));
    const [ax, ay] = pointAt(points, slide(place.anchor));
    const gap = looseness.gap / scale;
    [x, y] = [px - ax + gap * noise(), py - ay + gap * noise()];
  }
  for (let i = 0; i < points.length; i += 2) {
    points[i] += x;
    points[i + 1] += y;
  }
  return points;
}

const laid = (strokes: readonly Points[], { scale, x, y }: Fit): Points[] =>
  strokes.map(points => points.map((z, i) => (i % 2 === 0 ? x : y) + scale * z));

/** A character's strokes, written one after another. */
export function write({ strokes, fit }: MotorProgram, noise: Noise): Points[] {
  const written: Points[] = [];
  for (const stroke of strokes) written.push(writeNext(stroke, written, fit.scale, noise));
  return laid(written, fit);
}

/** Length of the longer side of what is written, in sides of the sheet. */
const extent = 0.66;

/**
 * A program whose drawing without noise lies in the middle of the sheet, and that drawing.
 * @param written the strokes as they are written without noise, at scale 1
 */
export function centred(strokes: readonly StrokeProgram[], written: readonly Points[]): { program: MotorProgram; drawing: Points[] } {
  const { left, right, top, bottom } = boundsOf(written);
  const scale = extent / Math.max(right - left, bottom - top, 1e-3);
  const fit = { scale, x: 0.5 - (scale * (left + right)) / 2, y: 0.5 - (scale * (top + bottom)) / 2 };
  return { program: { strokes, fit }, drawing: laid(written, fit) };
}
