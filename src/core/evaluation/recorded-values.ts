import type { Buffer } from "../../executors/executor.js";
import { fail } from "../../tensor/error.js";
import type { Type } from "../../tensor/types.js";
import { showType } from "../../tensor/types.js";

/** Slots of one type. */
export interface Kind {
  readonly id: number;
  readonly type: Type;
  /** Those that no value lies in, the lowest number last, which is taken next: so the slots of a loop soon come round to the same ones. */
  readonly free: Slot[];
}

/** Memory of a routine that values take turns in. */
export interface Slot {
  readonly kind: Kind;
  /** From 0 on for the routine's own, in the order in which they were first taken; what the caller gives has negative numbers. */
  readonly number: number;
  /** Values that lie there now; Infinity for what is never taken for others. */
  users: number;
}

/** Puts a slot among free ones. Mostly it belongs near the end. */
export function giveBack(slot: Slot): void {
  const { free } = slot.kind;
  let at = free.length;
  while (at > 0 && free[at - 1].number < slot.number) at--;
  if (at === free.length) free.push(slot);
  else free.splice(at, 0, slot);
}

/** The kinds of slots of a recording. */
export class Kinds {
  readonly #byName = new Map<string, Kind>();
  /** Those of programs' outputs, which are asked for again and again. */
  readonly #known = new Map<Type, Kind>();

  of(type: Type): Kind {
    let kind = this.#known.get(type);
    if (!kind) this.#known.set(type, (kind = this.#named(type)));
    return kind;
  }

  #named({ shape, dtype }: Type): Kind {
    const name = `${dtype} ${shape.join()}`;
    let kind = this.#byName.get(name);
    if (!kind) this.#byName.set(name, (kind = { id: this.#byName.size, type: { shape, dtype }, free: [] }));
    return kind;
  }

  [Symbol.iterator](): Iterator<Kind> {
    return this.#byName.values();
  }
}

/** A value of the routine that is being written down. */
export class RecordedValue implements Buffer {
  /** @param releasable whether a program gave it, and it was not released yet */
  constructor(
    readonly slot: Slot,
    public releasable: boolean,
  ) {}
  get shape() {
    return this.slot.kind.type.shape;
  }
  get dtype() {
    return this.slot.kind.type.dtype;
  }
}

/** A whole number, which calls have among their own numbers. A place of its own it takes only where one is asked for. */
export class RecordedIndex implements Buffer {
  readonly shape = [];
  readonly dtype = "int32";

  constructor(
    readonly index: number,
    private readonly constant: (index: number) => RecordedValue,
  ) {}
  /** The constant that has this number. */
  get value(): RecordedValue {
    return this.constant(this.index);
  }
}

/** The value that a buffer stands for. @throws if it is another machine's */
export function recorded(buffer: Buffer): RecordedValue {
  if (buffer instanceof RecordedValue) return buffer;
  if (buffer instanceof RecordedIndex) return buffer.value;
  return fail("a plan", "runs programs on what its own machine gave", `another's ${showType(buffer)}`);
}

/** Where it lies. */
export const slotOf = (value: Buffer): Slot => recorded(value).slot;

/** What a call has for an input: the number of a place, or a whole number itself. */
export const numberOf = (value: Buffer): number => (value instanceof RecordedIndex ? value.index : slotOf(value).number);
