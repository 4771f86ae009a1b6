import type { Delimiter } from "./delimiter.js";
import type { Sample } from "./sample.js";
import type { TextEncodingName } from "./text-stream.js";

/** How a file is read, of whatever format it is. */
export interface ReadOptions {
  /** Bytes that its cells may need. */
  readonly memory: number;
  /** That many rows at random, in place of all. */
  readonly sample?: Sample;
  /** Of text: found if not given. */
  readonly delimiter?: Delimiter;
  readonly encoding?: TextEncodingName;
  /** Whether the first row holds names: found if not given. */
  readonly header?: boolean;
  /** Of pictures: the height and width they are brought to. */
  readonly size?: number;
  /** Of arrays: the file that holds their labels. */
  readonly labels?: string;
  /** Of a safetensors file: the array that is taken. */
  readonly array?: string;
}
