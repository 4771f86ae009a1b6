import type { ImageClasses } from "../image-classes.js";

/** A data set by its name: drawn here, with nothing to fetch. */
export interface DrawnSet {
  readonly summary: string;
  /** The npm package that its strokes come from, which people add themselves. */
  readonly package?: string;
  load(options: { readonly size?: number }): Promise<ImageClasses>;
}

/** The families of characters that are drawn when they are asked for. */
export const drawnSets: Readonly<Record<"glyphs" | "hanzi", DrawnSet>> = {
  glyphs: {
    summary: "characters of made-up alphabets without end, drawn here: no download, no licence",
    load: async ({ size }) => (await import("../glyphs/index.js")).glyphs({ size }),
  },
  hanzi: {
    summary: "9,574 Chinese characters, drawn here from the strokes of the npm package hanzi-writer-data (Arphic Public License)",
    package: "hanzi-writer-data",
    load: async ({ size }) => (await import("../hanzi.js")).hanzi({ size }),
  },
};
