import { mistake, UfomError } from "../../tensor/error.js";
import { birthOf, nextId, Value } from "../../tensor/value.js";
import { addressesOf, framesOf, isOwn, isUsers } from "./stack-frames.js";

/** This module, as stack traces show it. */
const here = addressesOf((import.meta.url as string | undefined)?.split("?")[0]);

/**
 * `my-problem.ts:14` of the first frame that is neither ufom's nor Node's nor a package's.
 *
 * @param calledFromHere only of frames inside of what this module called
 */
export function userFrame(stack: string | undefined, calledFromHere = false): string | undefined {
  for (const { url, line } of framesOf(stack)) {
    if (calledFromHere && here.includes(url)) return undefined;
    if (!isUsers(url)) continue;
    return `${decodeURIComponent(url.split("/").pop() as string)}:${line}`;
  }
  return undefined;
}

/** The function of ufom's that a user called and that failed there, for want of the arguments that it takes; nothing if the user's own code failed. */
function calledByUser(stack: string | undefined): string | undefined {
  let called: string | undefined;
  for (const { url, name } of framesOf(stack)) {
    if (!isOwn(url)) return called;
    called = name ?? called;
  }
  return undefined;
}

/** An error that is no sentence of ufom's as one. */
function sentence(where: string, error: Error): string {
  const called = error instanceof TypeError ? calledByUser(error.stack) : undefined;
  return called === undefined
    ? `ufom: ${where} threw ${error.name}: ${error.message}`
    : `ufom: ${called} takes the arguments that its signature says; received others (${error.message})`;
}

/** Where problems were defined, by their specifications. */
const definitions = new WeakMap<object, string>();

/** Remembers who calls: that is where a mistake is shown that a function of the specification has made when it returns. */
export function rememberDefinition(spec: unknown): void {
  const at = userFrame(new Error().stack);
  if (at !== undefined && typeof spec === "object" && spec !== null) definitions.set(spec, at);
}

/** `(defineProblem, my-problem.ts:14)`, with a blank before it; nothing where that is not known. */
export function definedAt(spec: object): string {
  const at = definitions.get(spec);
  return at === undefined ? "" : ` (defineProblem, ${at})`;
}

/** The value that a function of the user's returned and should not have, by the mistake that says so. */
const blamed = new WeakMap<Error, Value>();

/** As `fail`, of something that a function has returned: the line is the one on which that was made. */
export function failAbout(returned: unknown, who: string, rule: string, received: string): never {
  const error = mistake(who, rule, received);
  if (Value.is(returned)) blamed.set(error, returned);
  throw error;
}

/**
 * The line on which a function that has returned something wrong made that, or else the last of its values, which is where it ended.
 * The function is run once more: stacks are too dear to keep one for every value.
 *
 * @param first the `id` of the first value that it could have made
 */
function lineOfReturned(error: Error, first: number, f: () => unknown): string | undefined {
  const next = nextId(),
    about = blamed.get(error)?.id ?? -1,
    place = (about < first ? next - 1 : about) - first;
  if (place < 0) return undefined;
  const birth = birthOf(next + place, () => {
    try {
      f();
    } catch {
      // The mistake that is known already.
    }
  });
  return userFrame(birth?.stack, true);
}

/**
 * The line of a user's on which a value is made, or the value whose derivative it belongs to.
 *
 * @param place how many values are made before it
 * @param run makes the values once more
 */
export function lineOfValue(place: number, run: () => void): string | undefined {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    for (let at = place; ;) {
      const first = nextId(),
        birth = birthOf(first + at, run),
        line = userFrame(birth?.stack, true);
      if (line !== undefined || birth?.derivativeOf === undefined) return line;
      // It was made before the other, so this ends.
      at = birth.derivativeOf.id - first;
    }
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const told = new WeakSet<Error>();

/** The error as a sentence that ends with the function's name and a line of the user's: where it threw, or else `returned`, or the definition. */
function tell(spec: object, where: string, error: unknown, returned?: (error: Error) => string | undefined): unknown {
  if (!(error instanceof Error) || told.has(error)) return error;
  const line = userFrame(error.stack, true) ?? returned?.(error) ?? definitions.get(spec);
  const said = (error.message.startsWith("ufom: ") ? error.message : sentence(where, error)).replace(/\.$/, "");
  const answer = new UfomError(`${said} (${line === undefined ? where : `${where}, ${line}`}).`, { cause: error });
  told.add(answer);
  return answer;
}

/** Deep enough for a user's frame below those of ufom's. */
const FRAMES = 60;

/** Runs a function of the user's problem; what it throws, also later, says in which function of the problem and on which line. */
export function within<R>(spec: object, where: string, f: () => R): R {
  const { stackTraceLimit } = Error,
    first = nextId();
  try {
    Error.stackTraceLimit = FRAMES;
    const result = f();
    return result instanceof Promise ? (result.catch((error: unknown) => Promise.reject(tell(spec, where, error) as Error)) as R) : result;
  } catch (error) {
    throw tell(spec, where, error, mine => lineOfReturned(mine, first, f));
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
