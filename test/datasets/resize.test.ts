import { describe, expect, it } from "vitest";
import { resize } from "../../cli/src/datasets/formats/resize.js";
import { stream } from "../../src/core/random/index.js";

const random = (channels: 1 | 3, height: number, width: number, seed = 1) => ({
  channels,
  height,
  width,
  data: Uint8Array.from(stream(seed, "picture").uniform([channels * height * width], 0, 256).data, Math.floor),
});

describe("resize", () => {
  it.each([
    [105, 105, 28, 28],
    [7, 12, 3, 5],
    [32, 32, 28, 28],
    [10, 9, 5, 3],
  ])("%d × %d to %d × %d is the mean over areas", (rows, columns, height, width) => {
    const picture = random(3, rows, columns);
    const { data } = resize(picture, height, width);
    // Each pixel repeated until both sizes divide: then areas are blocks of whole pixels.
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (let v = y * rows; v < (y + 1) * rows; v++)
            for (let u = x * columns; u < (x + 1) * columns; u++)
              sum += picture.data[(c * rows + Math.floor(v / height)) * columns + Math.floor(u / width)];
          // Means that lie between two bytes may be rounded either way.
          expect(Math.abs(data[(c * height + y) * width + x] - sum / (rows * columns))).toBeLessThanOrEqual(0.5 + 1e-9);
        }
  });

  it("is linear between centres where it becomes larger", () => {
    const ramp = { channels: 1 as const, height: 1, width: 5, data: Uint8Array.of(0, 50, 100, 150, 200) };
    expect(Array.from(resize(ramp, 1, 10).data)).toEqual([0, 13, 38, 63, 88, 113, 138, 163, 188, 200]);
    expect(Array.from(resize({ ...ramp, width: 1, data: Uint8Array.of(77) }, 2, 3).data)).toEqual(new Array(6).fill(77));
  });

  it("leaves a picture of that size, and a plain one of any size, as it is", () => {
    const picture = random(1, 6, 8);
    expect(resize(picture, 6, 8)).toBe(picture);
    for (const [height, width] of [
      [3, 20],
      [11, 4],
    ])
      expect(new Set(resize({ ...picture, data: new Uint8Array(48).fill(255) }, height, width).data)).toEqual(new Set([255]));
  });
});
