import type { Budget } from "ufom";
import type { StepRecord } from "./problems/problem-entry.js";
import { duration, short, whole } from "./report/format.js";
import { unlimited } from "./settings.js";
import { shorten, terminalWidth } from "./terminal-width.js";

/** Who watches a run. Everything goes to standard error: standard output is for results. */
export interface Progress {
  /** Says what takes a while. */
  say(text: string): void;
  step(step: StepRecord): void;
  /** Ends the bar or the lines of a run. */
  done(): void;
}

/** How far a run is to go. */
export interface Goal {
  /** What the bar says in front: the estimator. */
  readonly label: string;
  readonly outerSteps: number;
  readonly budget: Budget;
  /** Whether the exact gradient is drawn, so that its probability is worth showing. */
  readonly draws: boolean;
}

export const evaluationsOf = ({ counts }: Pick<StepRecord, "counts">): number => counts.step + counts.product + counts.outer;

/** The part of a run that is behind it, from 0 to 1: of the steps or of a budget, whichever ends first. */
export function fractionDone(step: StepRecord, { outerSteps, budget }: Pick<Goal, "outerSteps" | "budget">): number {
  const parts = [
    step.index / outerSteps,
    budget.seconds === undefined ? 0 : step.seconds / budget.seconds,
    budget.evaluations === undefined ? 0 : evaluationsOf(step) / budget.evaluations,
    budget.charged === undefined ? 0 : (step.charged ?? 0) / budget.charged.total,
  ];
  return Math.min(1, Math.max(...parts));
}

/** Time left, from the pace since the first step that was seen. */
class Clock {
  #start: { readonly at: number; readonly fraction: number } | undefined;

  left(fraction: number, now = performance.now()): number {
    this.#start ??= { at: now, fraction };
    const progress = fraction - this.#start.fraction;
    return progress > 0 ? (((now - this.#start.at) / 1000) * (1 - fraction)) / progress : Infinity;
  }
}

/** `loss 0.4123`, `q 0.25`, `12,000 evaluations`. */
const figures = (step: StepRecord, { draws }: Goal): string[] => [
  `loss ${short(step.loss)}`,
  ...(draws ? [`q ${Number(step.probability.toPrecision(3))}`] : []),
  step.charged === undefined ? `${whole(evaluationsOf(step))} evaluations` : `${whole(step.charged)} charged`,
];

const stepsOf = (step: StepRecord, { outerSteps }: Goal): string =>
  outerSteps === unlimited ? `step ${whole(step.index)}` : `step ${whole(step.index)}/${whole(outerSteps)}`;

/** Plain lines, for files and logs: one every tenth of the way, or every ten seconds. */
export class Lines implements Progress {
  readonly #clock = new Clock();
  #next = 0;
  #spoken = performance.now();
  #last: { readonly step: StepRecord; readonly spoken: boolean } | undefined;

  constructor(
    readonly goal: Goal,
    readonly write: (line: string) => void,
  ) {}

  say(text: string): void {
    this.write(text);
  }

  step(step: StepRecord): void {
    const fraction = fractionDone(step, this.goal);
    const left = this.#clock.left(fraction);
    const now = performance.now();
    const speak = fraction >= this.#next || now - this.#spoken > 10_000;
    this.#last = { step, spoken: speak };
    if (!speak) return;
    this.#next = Math.floor(10 * fraction + 1) / 10;
    this.#spoken = now;
    this.#speak(step, left);
  }

  #speak(step: StepRecord, left: number): void {
    const rest = left > 0 && Number.isFinite(left) ? `  ${duration(left)} left` : "";
    this.write(`${this.goal.label}  ${stepsOf(step, this.goal)}  ${figures(step, this.goal).join("  ")}${rest}`);
  }

  done(): void {
    if (this.#last?.spoken === false) this.#speak(this.#last.step, 0);
  }
}

/** What a bar shows besides itself. */
export interface BarLine {
  readonly label: string;
  /** From 0 to 1. */
  readonly fraction: number;
  readonly steps: string;
  readonly figures: readonly string[];
  readonly left: string;
  /** A message, which takes the place of the figures. */
  readonly said?: string;
}

/** A bar as one line that a terminal of so many columns does not break: what matters less is shortened, then left out. */
export function barLine({ label, fraction, steps, figures: all, left, said }: BarLine, columns: number): string {
  const percent = `${Math.floor(100 * fraction)}%`;
  const bar = (n: number): string => `${"█".repeat(Math.round(n * fraction))}${"░".repeat(n - Math.round(n * fraction))} ${percent}`;
  const join = (parts: readonly string[]): string => parts.filter(part => part !== "").join("  ");
  const [loss] = all;
  const lines =
    said === undefined
      ? [
          [label, bar(20), steps, ...all, left],
          [label, bar(10), steps, ...all, left],
          [shorten(label, 24), bar(10), steps, ...all, left],
          [shorten(label, 24), bar(10), steps, ...all.slice(0, -1), left],
          [shorten(label, 16), bar(6), steps, loss, left],
          [percent, steps, loss],
        ]
      : [[label, bar(10), steps, said], [shorten(label, 16), percent, said], [said]];
  const fitting = lines.map(join).find(line => line.length < columns);
  return fitting ?? shorten(join(lines[lines.length - 1]), Math.max(8, columns - 1));
}

/** A bar on a terminal. */
export class Bar implements Progress {
  readonly #clock = new Clock();
  readonly #bar: import("cli-progress").SingleBar;
  #line: BarLine;
  #started = false;

  constructor(
    readonly goal: Goal,
    library: typeof import("cli-progress"),
    readonly stream: NodeJS.WriteStream,
  ) {
    this.#line = { label: goal.label, fraction: 0, steps: "", figures: [""], left: "" };
    this.#bar = new library.SingleBar(
      {
        stream,
        format: () => barLine(this.#line, terminalWidth(stream)),
        fps: 8,
        hideCursor: true,
        gracefulExit: false,
        linewrap: false,
      },
      library.Presets.shades_classic,
    );
  }

  say(text: string): void {
    this.#line = { ...this.#line, said: text };
    if (this.#started) this.#bar.update({});
    else this.stream.write(`${text}\n`);
  }

  step(step: StepRecord): void {
    const fraction = fractionDone(step, this.goal);
    const left = this.#clock.left(fraction);
    this.#line = {
      ...this.#line,
      fraction,
      steps: stepsOf(step, this.goal),
      figures: figures(step, this.goal),
      left: Number.isFinite(left) && fraction < 1 ? `${duration(left)} left` : "",
    };
    const percent = Math.floor(100 * fraction);
    if (this.#started) this.#bar.update(percent);
    else this.#bar.start(100, percent);
    this.#started = true;
  }

  done(): void {
    if (this.#started) this.#bar.stop();
    this.#started = false;
  }
}

/** A bar where standard error is a terminal, plain lines elsewhere. */
export async function watch(goal: Goal, stream: NodeJS.WriteStream = process.stderr): Promise<Progress> {
  if (!stream.isTTY) return new Lines(goal, line => stream.write(`${line}\n`));
  const { default: library } = await import("cli-progress");
  return new Bar(goal, library, stream);
}
