/**
 * A line drawn without lifting the pen, in a box of side 1 with x to the right and y downwards: the points that it passes, x₀, y₀, x₁, y₁, …,
 * and half of the line's width at its start, middle and end.
 */
export interface Line {
  readonly points: readonly number[];
  readonly radii: readonly [start: number, middle: number, end: number];
}

/** Longest piece that a smooth line is cut into, in pixels. */
const piece = 2;
/** Pieces of a span between two points, at most. */
const mostPieces = 12;

/**
 * Draws lines with a round pen on white paper: 0 is ink, 255 paper. A pixel's grey is the pen's coverage of it, taken from the distance of its
 * centre to the line.
 *
 * Additions, products, quotients and square roots alone, which engines round alike: the same lines give the same bytes everywhere.
 *
 * @param size of the square image, in pixels
 */
export function draw(lines: readonly Line[], size: number): Uint8Array {
  const coverage = new Float64Array(size * size);
  for (const { points, radii } of lines) {
    const path = smooth(points, size);
    const pieces = path.length / 2 - 1;
    const radius = (i: number): number => {
      const at = pieces === 0 ? 0 : (2 * i) / pieces;
      return size * (at < 1 ? radii[0] + at * (radii[1] - radii[0]) : radii[1] + (at - 1) * (radii[2] - radii[1]));
    };
    if (pieces === 0) cover(coverage, size, path[0], path[1], radius(0), path[0], path[1], radius(0));
    for (let i = 0; i < pieces; i++) {
      cover(coverage, size, path[2 * i], path[2 * i + 1], radius(i), path[2 * i + 2], path[2 * i + 3], radius(i + 1));
    }
  }
  return Uint8Array.from(coverage, ink => 255 - Math.round(255 * ink));
}

/** Ink of a piece from (ax, ay) to (bx, by), whose radius goes from ar to br; all in pixels. */
function cover(coverage: Float64Array, size: number, ax: number, ay: number, ar: number, bx: number, by: number, br: number): void {
  const reach = Math.max(ar, br) + 0.5;
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach)),
    right = Math.min(size, Math.ceil(Math.max(ax, bx) + reach)),
    top = Math.max(0, Math.floor(Math.min(ay, by) - reach)),
    bottom = Math.min(size, Math.ceil(Math.max(ay, by) + reach));
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [px, py] = [x + 0.5 - ax, y + 0.5 - ay];
      const along = square > 0 ? Math.min(1, Math.max(0, (px * dx + py * dy) / square)) : 0;
      const [ex, ey] = [px - along * dx, py - along * dy];
      const radius = ar + along * (br - ar);
      // A line thinner than a pixel covers no pixel whole.
      const ink = Math.min(radius - Math.sqrt(ex * ex + ey * ey) + 0.5, 1, 2 * radius);
      const at = y * size + x;
      if (ink > coverage[at]) coverage[at] = ink;
    }
  }
}

/**
 * A smooth path through points: a centripetal Catmull–Rom spline, which has no cusps and no loops however uneven the points lie, as a polygon in
 * pixels.
 *
 * Source: P. J. Barry and R. N. Goldman, A recursive evaluation algorithm for a class of Catmull–Rom splines, SIGGRAPH 1988; the knots of C. Yuksel,
 * S. Schaefer and J. Keyser, Parameterization and applications of Catmull–Rom curves, Computer-Aided Design 43(7), 2011.
 */
function smooth(given: readonly number[], size: number): number[] {
  const points: number[] = [];
  for (let i = 0; i < given.length; i += 2) {
    const [x, y] = [given[i] * size, given[i + 1] * size];
    // A point that lies on the one before it would make a knot of no length.
    if (i === 0 || x !== points[points.length - 2] || y !== points[points.length - 1]) points.push(x, y);
  }
  const last = points.length / 2 - 1;
  const path = [points[0], points[1]];
  /** A point, or what lies as far beyond an end as the neighbour lies before it. */
  const at = (i: number, axis: 0 | 1): number =>
    i < 0
      ? 2 * points[axis] - points[2 + axis]
      : i > last
        ? 2 * points[2 * last + axis] - points[2 * last - 2 + axis]
        : points[2 * i + axis];
  const distance = (i: number, j: number): number => {
    const [dx, dy] = [at(j, 0) - at(i, 0), at(j, 1) - at(i, 1)];
    return Math.sqrt(dx * dx + dy * dy);
  };
  for (let i = 0; i < last; i++) {
    const length = distance(i, i + 1);
    const t1 = Math.sqrt(distance(i - 1, i)),
      t2 = t1 + Math.sqrt(length),
      t3 = t2 + Math.sqrt(distance(i + 1, i + 2));
    const pieces = Math.min(mostPieces, Math.max(1, Math.ceil(length / piece)));
    for (let k = 1; k < pieces; k++) {
      const t = t1 + ((t2 - t1) * k) / pieces;
      for (const axis of [0, 1] as const) {
        const [p0, p1, p2, p3] = [at(i - 1, axis), at(i, axis), at(i + 1, axis), at(i + 2, axis)];
        const a1 = between(p0, p1, t / t1),
          a2 = between(p1, p2, (t - t1) / (t2 - t1)),
          a3 = between(p2, p3, (t - t2) / (t3 - t2));
        path.push(between(between(a1, a2, t / t2), between(a2, a3, (t - t1) / (t3 - t1)), (t - t1) / (t2 - t1)));
      }
    }
    path.push(at(i + 1, 0), at(i + 1, 1));
  }
  return path;
}

const between = (a: number, b: number, t: number): number => a + (b - a) * t;
