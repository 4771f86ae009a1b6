import type { Awaitable } from "../../executors/executor.js";
import { isPromise } from "../evaluation/awaitable.js";

const ignore = (): void => {};

/** Lets one after another use something that only one may use: who finds it free and answers at once waits for nobody. */
export class OneAtATime {
  #users = 0;
  #last: Promise<void> | undefined;
  #whenFree: (() => void) | undefined;

  /** Uses it, when those who came before are done. */
  use<R>(f: () => Awaitable<R>): Awaitable<R> {
    if (!this.#last) {
      const answer = f();
      return isPromise(answer) ? this.#hold(answer) : answer;
    }
    return this.#hold(this.#last.then(f));
  }

  #hold<R>(answer: Promise<R>): Promise<R> {
    this.#users++;
    // Whoever asked is told what went wrong.
    this.#last = answer.then(ignore, ignore).then(() => {
      if (--this.#users > 0) return;
      this.#last = undefined;
      this.#whenFree?.();
      this.#whenFree = undefined;
    });
    return answer;
  }

  /** Calls something when nobody uses it any more: at once, if nobody does. */
  whenFree(f: () => void): void {
    if (this.#users) this.#whenFree = f;
    else f();
  }
}
