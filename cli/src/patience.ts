import { setTimeout } from "node:timers/promises";
import { fileSentence, isFull, type SystemError } from "./file-errors.js";

/** Who hears that a run waits, and what ends the wait. */
export interface Patience {
  readonly signal: AbortSignal;
  say(text: string): void;
}

/** Milliseconds between attempts to write to a disk that was full. */
const between = 2000;

/**
 * Writes; while the disk is full it waits for room and tries again, so that nothing that was computed is lost.
 * @param write may be called again after it failed
 * @throws what `write` throws for another reason, or when the wait was ended
 */
export async function patiently<R>(write: () => Promise<R>, { signal, say }: Patience): Promise<R> {
  for (let told = false; ; told = true) {
    try {
      return await write();
    } catch (error) {
      if (!isFull(error) || signal.aborted) throw error;
      if (!told) say(`${fileSentence(error as SystemError)} The run waits until there is room; Ctrl-C ends it.`);
      // When the wait is ended it tries once more: there may be room by now.
      await setTimeout(between, undefined, { signal }).catch((why: Error) => {
        if (why.name !== "AbortError") throw why;
      });
    }
  }
}
