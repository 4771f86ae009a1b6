import type { Picture } from "./picture.js";

/** For each sample of a new axis, the first of the old samples that it is made of, and their weights, which add up to 1. */
interface Axis {
  readonly first: Int32Array;
  readonly weights: readonly Float64Array[];
}

/** A new sample is the mean of the old ones that it covers, each by the part of it that is covered. */
function averaged(from: number, to: number): Axis {
  const first = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    // In units of 1/to of an old sample, which are whole numbers.
    const [start, end] = [i * from, (i + 1) * from];
    first[i] = Math.floor(start / to);
    const last = Math.ceil(end / to);
    return Float64Array.from({ length: last - first[i] }, (_, k) => {
      const at = first[i] + k;
      return (Math.min(end, (at + 1) * to) - Math.max(start, at * to)) / from;
    });
  });
  return { first, weights };
}

/** A new sample lies between the centres of two old ones; beyond the outermost centres it is the outermost sample. */
function interpolated(from: number, to: number): Axis {
  const first = new Int32Array(to);
  const weights = Array.from({ length: to }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    first[i] = Math.min(Math.floor(at), Math.max(0, from - 2));
    const part = at - first[i];
    return from === 1 ? Float64Array.of(1) : Float64Array.of(1 - part, part);
  });
  return { first, weights };
}

const axes = new Map<string, Axis>();

/** Of the few pairs of extents that a data set has, each is worked out once. */
function axisOf(from: number, to: number): Axis {
  const key = `${from} ${to}`;
  let axis = axes.get(key);
  if (axis === undefined) {
    axis = to < from ? averaged(from, to) : interpolated(from, to);
    if (axes.size > 1000) axes.clear();
    axes.set(key, axis);
  }
  return axis;
}

/**
 * A picture of another size: along each axis the mean over areas where it becomes smaller, linear between centres where it becomes larger.
 * Samples are rounded to the nearest byte. The ratio of height and width is not kept.
 */
export function resize(picture: Picture, height: number, width: number): Picture {
  const { channels, height: rows, width: columns, data } = picture;
  if (rows === height && columns === width) return picture;
  const [across, down] = [axisOf(columns, width), axisOf(rows, height)];
  const out = new Uint8Array(channels * height * width);
  const narrow = new Float64Array(rows * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < rows; y++) {
      const line = (c * rows + y) * columns;
      for (let x = 0; x < width; x++) {
        const weights = across.weights[x];
        const start = line + across.first[x];
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * data[start + k];
        narrow[y * width + x] = sum;
      }
    }
    for (let y = 0; y < height; y++) {
      const weights = down.weights[y];
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let k = 0, at = down.first[y] * width + x; k < weights.length; k++, at += width) sum += weights[k] * narrow[at];
        out[(c * height + y) * width + x] = Math.round(sum);
      }
    }
  }
  return { channels, height, width, data: out };
}
