import { describe, expect, it } from "vitest";
import { draw } from "../../cli/src/datasets/pen.js";
import { direction, turned } from "../../cli/src/datasets/strokes/turn.js";

const size = 24;
const line = (points: number[], radius: number) => ({ points, radii: [radius, radius, radius] as const });
/** Ink in pixels. */
const ink = (image: Uint8Array): number => image.reduce((sum, grey) => sum + (255 - grey) / 255, 0);

/** Coverage of each pixel by a thick line, by 16 × 16 samples a pixel. */
function sampled([ax, ay, bx, by]: number[], radius: number): number[] {
  const fine = 16;
  return Array.from({ length: size * size }, (_, pixel) => {
    let inside = 0;
    for (let k = 0; k < fine * fine; k++) {
      const x = ((pixel % size) + ((k % fine) + 0.5) / fine) / size,
        y = (Math.floor(pixel / size) + (Math.floor(k / fine) + 0.5) / fine) / size;
      const t = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)));
      if (Math.hypot(x - ax - t * (bx - ax), y - ay - t * (by - ay)) <= radius) inside++;
    }
    return inside / (fine * fine);
  });
}

describe("the pen", () => {
  it.each([
    [[0.2, 0.3, 0.8, 0.55], 0.08],
    [[0.5, 0.1, 0.5, 0.9], 0.06],
    [[0.2, 0.8, 0.7, 0.2], 0.1],
  ])("covers pixels of the line %j as samples do", (points, radius) => {
    const [drawn, expected] = [draw([line(points, radius)], size), sampled(points, radius)];
    for (const [i, share] of expected.entries()) expect(Math.abs((255 - drawn[i]) / 255 - share)).toBeLessThan(0.17);
    expect(ink(drawn) / expected.reduce((a, b) => a + b)).toBeCloseTo(1, 1);
  });

  it("draws a dot where there is one point, or all are the same", () => {
    const dot = draw([line([0.5, 0.5], 0.2)], size);
    expect(ink(dot) / (Math.PI * (0.2 * size) ** 2)).toBeCloseTo(1, 1);
    expect(draw([line([0.5, 0.5, 0.5, 0.5], 0.2)], size)).toEqual(dot);
  });

  it("passes through its points, smoothly and without cusps however uneven they lie", () => {
    const points = [0.15, 0.5, 0.2, 0.45, 0.75, 0.4, 0.8, 0.45, 0.5, 0.8];
    const image = draw([line(points, 0.05)], size);
    for (let i = 0; i < points.length; i += 2) {
      expect(image[Math.floor(points[i + 1] * size) * size + Math.floor(points[i] * size)]).toBeLessThan(60);
    }
    // Nothing is drawn beyond the points by more than a bulge of the curve.
    expect(ink(draw([line(points, 0.05)], size).subarray(0, size * Math.floor(0.25 * size)))).toBe(0);
  });

  it("goes the way of the Bézier curves that a centripetal Catmull–Rom spline consists of", () => {
    const points = [
      [0.15, 0.5],
      [0.2, 0.42],
      [0.7, 0.3],
      [0.85, 0.5],
      [0.3, 0.8],
    ];
    // Beyond an end, as far as the neighbour lies before it.
    const beyond = (end: number, next: number) => points[end].map((z, axis) => 2 * z - points[next][axis]);
    const all = [beyond(0, 1), ...points, beyond(4, 3)];
    const d = all.slice(1).map(([x, y], i) => Math.sqrt(Math.hypot(x - all[i][0], y - all[i][1])));
    const dense: number[] = [];
    for (let i = 1; i < 5; i++) {
      const handle = (axis: number, from: number, to: number, before: number, a: number, b: number) =>
        (a * a * all[to][axis] - b * b * all[before][axis] + (2 * a * a + 3 * a * b + b * b) * all[from][axis]) / (3 * a * (a + b));
      for (let t = 0; t < 1; t += 1 / 64) {
        for (const axis of [0, 1]) {
          const b1 = handle(axis, i, i + 1, i - 1, d[i - 1], d[i]),
            b2 = handle(axis, i + 1, i, i + 2, d[i + 1], d[i]);
          dense.push((1 - t) ** 3 * all[i][axis] + 3 * t * (1 - t) ** 2 * b1 + 3 * t * t * (1 - t) * b2 + t ** 3 * all[i + 1][axis]);
        }
      }
    }
    const [spline, curves] = [points.flat(), [...dense, ...points[4]]].map(path => draw([line(path, 0.04)], 64));
    const off = Array.from(spline, (grey, i) => Math.abs(grey - curves[i]));
    expect(Math.max(...off)).toBeLessThan(40);
    expect(off.reduce((a, b) => a + b) / 255).toBeLessThan(4);
  });

  it("leaves points on a straight line straight", () => {
    const [few, many] = [[0.1, 0.2, 0.9, 0.6], [0.1, 0.2, 0.15, 0.225, 0.7, 0.5, 0.9, 0.6]]; // prettier-ignore
    const [a, b] = [few, many].map(points => draw([line(points, 0.05)], size));
    for (const [i, grey] of a.entries()) expect(Math.abs(grey - b[i])).toBeLessThanOrEqual(1);
  });

  it("draws thin lines grey, thick and thin ends, and nothing outside", () => {
    const thin = draw([line([0.1, 0.5 + 0.5 / size, 0.9, 0.5 + 0.5 / size], 0.2 / size)], size);
    expect(Math.min(...thin)).toBe(255 - Math.round(255 * 0.4));
    const tapered = draw([{ points: [0.1, 0.5, 0.5, 0.5, 0.9, 0.5], radii: [0.15, 0.1, 0.03] }], size);
    const column = (x: number) => Array.from({ length: size }, (_, y) => 255 - tapered[y * size + x]).reduce((a, b) => a + b) / 255 / size;
    expect(column(3)).toBeCloseTo(0.3, 1);
    expect(column(12)).toBeCloseTo(0.2, 1);
    expect(column(20)).toBeCloseTo(0.075, 1);
    expect(ink(draw([line([1.5, 1.5, 2, 2], 0.1)], size))).toBe(0);
    expect(ink(draw([], size))).toBe(0);
  });
});

describe("turns", () => {
  it("keep lengths, and are what cosine and sine say within a hundredth", () => {
    for (let angle = -2.6; angle <= 2.6; angle += 0.1) {
      const [x, y] = turned(3, 4, angle);
      expect(Math.hypot(x, y)).toBeCloseTo(5, 12);
      expect(Math.abs(Math.atan2(turned(1, 0, angle)[1], turned(1, 0, angle)[0]) - angle)).toBeLessThan(0.01);
    }
    for (let angle = -7; angle <= 7; angle += 0.3) {
      const [x, y] = direction(angle);
      expect(Math.hypot(x - Math.cos(angle), y - Math.sin(angle))).toBeLessThan(1e-3);
    }
  });
});
