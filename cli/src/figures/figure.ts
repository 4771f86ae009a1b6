import type { Chart, Table } from "../problems/figure.js";
import type { Computing } from "./descents.js";

/** What a figure is made from. */
export interface FigureContext extends Computing {
  /** θ₀ that each method descends from. */
  readonly starts: number;
}

/** A figure as plain data. */
export interface MadeFigure {
  /** Panels, one below the other. */
  readonly panels: readonly Chart[];
  /** What was found, for the terminal. */
  readonly table: Table;
  /** All that is drawn, as numbers. */
  readonly numbers: Readonly<Record<string, unknown>>;
}

/** A figure of the paper, or one of ours beside them. */
export interface PaperFigure {
  readonly name: string;
  /** What it shows, as its title says it. */
  readonly title: string;
  /** Starts unless told. */
  readonly starts: number;
  make(context: FigureContext): Promise<MadeFigure>;
}
