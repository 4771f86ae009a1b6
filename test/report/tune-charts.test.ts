import { expect, it } from "vitest";
import { svgChart } from "../../cli/src/report/svg-chart.js";
import { curves, penalties, type Drawn } from "../../cli/src/report/tune-charts.js";

const method = (name: Drawn["methods"][number]["name"], penalty: readonly number[], curve: Drawn["methods"][number]["curve"] = []) => ({
  ...{ name, curve },
  numbers: { penalties: penalty, rate: [1], schedule: [1], length: [1], "class-weights": [], smoothing: [] },
});
const drawn: Drawn = {
  groups: { names: ["age", "noise0", "noise1"] },
  methods: [
    method("untuned", [1, 1, 1]),
    method("hypergradient", [0.1, 1000, 50]),
    method("grid", [10, 10, 10]),
    method("random", [9, 9, 9]),
    method("halving", [0.01, 0.01, 0.01]),
  ],
};

it("draws the penalties in ascending order, with the names of their groups in the picture", async () => {
  const [chart] = penalties(drawn);
  expect(chart.series).toMatchObject([{ name: "hypergradient", points: [[1, 0.1], [2, 50], [3, 1000]] }]); // prettier-ignore
  expect(chart.marks?.map(({ label, x, y }) => [label, x, y])).toEqual([
    ["age", 1, 0.1],
    ["noise1", 2, 50],
    ["noise0", 3, 1000],
  ]);
  const { svg } = await svgChart(chart);
  for (const name of ["age", "noise1", "noise0"]) expect(svg).toMatch(new RegExp(`<text(?![^>]*fill-opacity="0")[^>]*>${name}</text>`));
});

it("has one label for searches whose penalties are about the same", () => {
  expect(penalties(drawn)[0].levels).toEqual([
    { label: "grid, random", y: 10 },
    { label: "", y: 9 },
    { label: "halving", y: 0.01 },
  ]);
});

it("draws parts of the groups apart", () => {
  const [chart] = penalties(drawn, { real: name => name === "age", noise: name => name !== "age" });
  expect(chart.series.map(({ name, points }) => [name, points.length])).toEqual([
    ["real", 1],
    ["noise", 2],
  ]);
});

it("draws curves up to what is soon reached, however high one began", () => {
  const [chart] = curves({
    groups: { names: ["a"] },
    methods: [method("grid", [1], [[1, 99], [10, 0.5], [1000, 0.4]]), method("random", [1], [[1, 0.6], [30, 0.45], [900, 0.3]])], // prettier-ignore
  });
  expect(chart.y.max).toBeGreaterThan(0.45);
  expect(chart.y.max).toBeLessThan(0.6);
  expect(curves(drawn)).toEqual([]);
});
