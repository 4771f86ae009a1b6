import type { Awaitable, Buffer } from "../../executors/executor.js";
import { isPromise } from "./awaitable.js";
import type { Formula, State } from "./machine.js";
import type { ThetaBuffers } from "./place.js";
import { Place } from "./place.js";

/** x ↦ x, in another place. */
export const copy: Formula = { name: "carried x", of: xs => [...xs] };

/**
 * A place whose inner loop goes on from an x that an earlier outer step left, if there is one, and which keeps the x that it comes to. What is
 * carried counts as constant: no path leads from it to θ.
 */
export class WarmPlace extends Place {
  #end: State | undefined;

  constructor(
    place: Place,
    private readonly start: State | undefined,
  ) {
    super(place.machine, place.theta, place.task);
  }

  /** x_r. */
  get end(): State | undefined {
    return this.#end;
  }

  override init(): Awaitable<State> {
    // What was carried is the caller's, and a loop gives back what it began with.
    return this.start ? this.machine.run(copy, this.start) : super.init();
  }

  override get startLeaves(): readonly number[] {
    return this.start ? [] : super.startLeaves;
  }

  override initPullback(u: State): Awaitable<ThetaBuffers> {
    return this.start ? [] : super.initPullback(u);
  }

  override outer(x: State): Awaitable<{ loss: Buffer; u: State; theta: ThetaBuffers }> {
    return this.#keeping(x, () => super.outer(x));
  }

  override outerLoss(x: State): Awaitable<Buffer> {
    return this.#keeping(x, () => super.outerLoss(x));
  }

  /** Keeps x, if it is the first, and then does something. */
  #keeping<R>(x: State, next: () => Awaitable<R>): Awaitable<R> {
    if (this.#end) return next();
    const kept = this.machine.run(copy, x),
      keep = (end: State): Awaitable<R> => {
        this.#end = end;
        return next();
      };
    return isPromise(kept) ? kept.then(keep) : keep(kept);
  }
}
