import type { Quantity } from "ufom";
import type { Table } from "../problems/figure.js";
import { duration, short, whole } from "../report/format.js";
import { knobNames, type KnobName } from "./knobs.js";
import type { Scores } from "./scores.js";
import type { MethodResult, Tuned } from "./tune.js";

/** Three decimals, or four digits of what is larger. */
const digits = (x: number): string => (Math.abs(x) < 10 ? x.toFixed(3) : Number(x.toPrecision(4)).toLocaleString("en-US"));

/** `0.412 (0.380 to 0.447)`. */
export const interval = ({ value, low, high }: Quantity): string =>
  Number.isNaN(low) ? digits(value) : `${digits(value)} (${digits(low)} to ${digits(high)})`;

/** What scores are called. */
export const scoreNames = (
  { kind }: Pick<Tuned["target"], "kind">,
  balanced: boolean,
): { readonly loss: string; readonly accuracy: string } =>
  kind === "number"
    ? { loss: "error (RMS)", accuracy: "R²" }
    : { loss: balanced ? "balanced log loss" : "log loss", accuracy: balanced ? "balanced accuracy" : "accuracy" };

const shown = (scores: Scores | undefined): string[] => (scores === undefined ? [] : [interval(scores.loss), interval(scores.accuracy)]);

/** All methods beside each other. */
export function methodsTable({ methods, target, rows, chosen }: Tuned, balanced: boolean): Table {
  const names = scoreNames(target, balanced);
  const held = rows.heldOut > 0;
  return {
    title: "Methods, with the same work",
    columns: [
      "method",
      "tried",
      "work",
      "time",
      `${names.loss}, cross-validated`,
      names.accuracy,
      ...(held ? [`${names.loss}, held out`, names.accuracy] : []),
    ],
    rows: methods.map(({ name, tried, work, seconds, crossValidated, heldOut, outcome }) => [
      `${name}${name === chosen ? " *" : ""}${outcome === "finished" ? "" : ` (${outcome})`}`,
      whole(tried),
      whole(work),
      seconds === 0 ? "" : duration(seconds),
      ...[...shown(crossValidated), ...(held ? shown(heldOut) : [])],
    ]),
    note: `* is kept: the lowest ${held ? "held-out" : "cross-validated"} ${names.loss}. Cross-validated are ${whole(rows.tuned)} rows, on folds dealt anew${held ? `; ${whole(rows.heldOut)} are held out` : ""}. In brackets 95 %, of other rows. Work is in inner steps on a fold.`,
  };
}

/** Groups that are listed one by one. */
const mostGroups = 30;

const titles: Readonly<Record<Exclude<KnobName, "penalties" | "class-weights">, string>> = {
  rate: "step size ρ, in 1/L",
  schedule: "schedule d: the last step size, as a part of the first",
  length: "length s, as a part of the steps",
  smoothing: "label smoothing ε",
};

/** What was learned and found, a column a method. */
export function numbersTable({ methods, groups, target, architecture }: Tuned): Table {
  const learned = methods.filter(({ name }) => name !== "untuned");
  const shownOnes = learned.length > 0 ? learned : methods;
  const names = groups.names.slice(0, mostGroups);
  const row = (title: string, of: (one: MethodResult) => number): string[] => [
    title,
    ...shownOnes.map(one => short(Number(of(one).toPrecision(3)))),
  ];
  const classes = target.kind === "classes" ? target.classes.slice(0, mostGroups) : [];
  return {
    title: "Hyperparameters",
    columns: ["", ...shownOnes.map(({ name }) => name)],
    rows: [
      ...names.map((name, i) => row(`penalty λ of ${name}`, ({ numbers }) => numbers.penalties[i])),
      ...(architecture.hidden > 0 ? [row("penalty λ of the second layer", ({ numbers }) => numbers.penalties[groups.names.length])] : []),
      ...knobNames.flatMap(name =>
        name === "penalties" || name === "class-weights" || shownOnes[0].numbers[name].length === 0
          ? []
          : [row(titles[name], ({ numbers }) => numbers[name][0])],
      ),
      ...classes.map((name, i) =>
        row(`weight of class ${name}`, ({ numbers: { "class-weights": u } }) => u[i] / (u.reduce((a, b) => a + b, 0) / u.length)),
      ),
      row("steps", ({ steps }) => steps),
    ],
    ...(groups.names.length > mostGroups ? { note: `${whole(groups.names.length - mostGroups)} more groups are in result.json.` } : {}),
  };
}

/** What came out, in sentences. */
export function sentences({ chosen, difference, target, methods }: Tuned): string[] {
  const kept =
    chosen === "untuned"
      ? methods.length === 1
        ? "Kept: the untuned model, trained on all rows; nothing else was tried."
        : "Nothing that was tried is better than the untuned model, which is kept."
      : `Kept: the model of ${chosen}, trained on all rows.`;
  if (difference === undefined) return [kept];
  const { value, low, high, than } = difference;
  const what = target.kind === "classes" ? "log loss" : "half of the squared error, in variances of the target,";
  const sure = low > 0 || high < 0;
  const verdict = sure
    ? `On held-out rows hypergradients have a ${value > 0 ? "lower" : "higher"} ${what} than ${than}`
    : `On held-out rows hypergradients and ${than} cannot be told apart`;
  return [kept, `${verdict}: the difference is ${digits(value)} (${digits(low)} to ${digits(high)}, row by row).`];
}
