/** An axis of a chart. `log` needs positive numbers; points that are not are left out. */
export interface Axis {
  readonly label: string;
  readonly scale?: "linear" | "log";
  readonly min?: number;
  readonly max?: number;
}

/** Points of a chart under one name. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A region around the line, as `[x, low, high]`: the spread over seeds, an interval. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
  readonly style?: "line" | "points" | "bars";
  /** Whose colour it has, by the place of its name among those of all charts of a report; its place in this chart unless told. */
  readonly place?: number;
}

/** A level that is marked across a chart. */
export interface Level {
  readonly label: string;
  readonly y: number;
}

/** A point of a chart that is named in it: the best value, one that lies beyond the axis and is shown at its border, or any point of a line. */
export interface Mark {
  readonly kind: "best" | "above" | "below" | "name";
  readonly label: string;
  /** On which side of the point its label stands; above or below it unless told. */
  readonly side?: "left" | "right";
  readonly x: number;
  readonly y: number;
}

export interface Chart {
  readonly kind: "chart";
  readonly title: string;
  /** The figure's caption, one sentence. */
  readonly caption?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly levels?: readonly Level[];
  readonly marks?: readonly Mark[];
}

/** How often values fall into equal bins of [low, high]. */
export interface Histogram {
  readonly kind: "histogram";
  readonly title: string;
  readonly caption?: string;
  readonly x: Axis;
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  readonly groups: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
}

/** Small grey images with a line of text below each. */
export interface ImageGrid {
  readonly kind: "images";
  readonly title: string;
  readonly caption?: string;
  readonly images: readonly GreyImage[];
}

export interface GreyImage {
  readonly width: number;
  readonly height: number;
  /** Row by row, 0 is background and 255 is ink, unless told otherwise. */
  readonly pixels: Uint8Array;
  /** `light`: 0 is black and 255 white. `colour`: red, green and blue of each pixel. */
  readonly as?: "ink" | "light" | "colour";
  readonly label: string;
  /** The colour of the text below the image: the one of what is right, or the warning colour. */
  readonly tone?: "good" | "bad";
}

/** A figure as plain data; src/report/ draws it. */
export type Figure = Chart | Histogram | ImageGrid;

/** A table of texts, for the terminal and for the report. */
export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Where the first cell of each row leads in a report, relative to it. */
  readonly links?: readonly (string | undefined)[];
  /** A sentence below the table. */
  readonly note?: string;
}
