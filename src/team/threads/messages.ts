import type { Setup } from "./setup.js";

/** What a thread is told. */
export type Order =
  | {
      /** What is to be evaluated from now on, on a board that is shared; without one the thread has a copy of its own. */
      readonly kind: "setup";
      readonly number: number;
      readonly setup: Setup;
      readonly memory: SharedArrayBuffer | undefined;
      /** Whether the thread takes jobs from the board by itself, or is told each. */
      readonly takes: boolean;
    }
  | {
      readonly kind: "job";
      readonly slot: number;
      readonly version: number;
      readonly step: number;
      readonly plan: number;
      readonly place: number;
      /** θ where it is another than before, and what the job is given; nothing where the board is shared. */
      readonly theta?: ArrayBuffer;
      readonly given?: ArrayBuffer;
    };

/** What a thread answers. */
export type Answer =
  | { readonly kind: "ready" }
  | {
      readonly kind: "done";
      readonly slot: number;
      readonly seconds: number;
      /** What the job came to; nothing where the board is shared. */
      readonly found?: ArrayBuffer;
    }
  | { readonly kind: "failed"; readonly slot: number; readonly sentence: string };
