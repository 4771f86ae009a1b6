import type { ImageClasses } from "./image-classes.js";

/** How a data set is loaded. */
export interface LoadOptions {
  /** Height and width of the images; the set's usual size if it is not given. */
  readonly size?: number;
  /** Told what takes a while, and what was decided, a line each. */
  readonly progress?: (text: string) => void;
}

/** A data set that has a name. */
export interface NamedSet {
  readonly summary: string;
  /** The npm package without which it cannot be made. */
  readonly package?: string;
  load(options: LoadOptions): Promise<ImageClasses>;
}
