import { UfomError } from "../tensor/error.js";

/** This module as stack traces spell it; nothing in a bundle for a classic script, whose modules have no address. */
const here = (import.meta.url as string | undefined)?.split("?")[0];
/** The folder that holds ufom's own modules. */
const own = here?.replace(/[^/]*\/[^/]*$/, "");

/** Frames of a stack trace with places in files: `file:///a/b.ts` and 14, from the innermost. */
function* places(stack: string | undefined): Generator<{ readonly url: string; readonly line: string }> {
  for (const text of (stack ?? "").split("\n")) {
    const frame = /(?:\(|at (?:async )?)((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(text.trim());
    if (frame) yield { url: (frame[1].startsWith("/") ? `file://${frame[1]}` : frame[1]).split("?")[0], line: frame[2] };
  }
}

/**
 * `my-problem.ts:14` of the first frame that is neither ufom's nor Node's nor a package's.
 *
 * @param calledFromHere only of frames inside of what this module called
 */
export function userFrame(stack: string | undefined, calledFromHere = false): string | undefined {
  for (const { url, line } of places(stack)) {
    if (calledFromHere && url === here) return undefined;
    if ((own !== undefined && url.startsWith(own)) || url.includes("/node_modules/")) continue;
    return `${decodeURIComponent(url.split(/[/\\]/).pop() as string)}:${line}`;
  }
  return undefined;
}

/** Where problems were defined, by their specifications. */
const definitions = new WeakMap<object, string>();

/** Remembers who calls: that is where a mistake is shown that a function of the specification has made when it returns. */
export function rememberDefinition(spec: unknown): void {
  const at = userFrame(new Error().stack);
  if (at !== undefined && typeof spec === "object" && spec !== null) definitions.set(spec, at);
}

const told = new WeakSet<Error>();

/** The error as a sentence that ends with the function's name and a line of the user's. */
function tell(spec: object, where: string, error: unknown): unknown {
  if (!(error instanceof Error) || told.has(error)) return error;
  const line = userFrame(error.stack, true) ?? definitions.get(spec),
    what = error.message.replace(/\.$/, "");
  const said = error.message.startsWith("ufom: ") ? what : `ufom: ${where} threw ${error.name}: ${what}`;
  const answer = new UfomError(`${said} (${line === undefined ? where : `${where}, ${line}`}).`, { cause: error });
  told.add(answer);
  return answer;
}

/** Deep enough for a user's frame below those of ufom's. */
const FRAMES = 60;

/** Runs a function of the user's problem; what it throws, also later, says in which function of the problem and on which line. */
export function within<R>(spec: object, where: string, f: () => R): R {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = FRAMES;
    const result = f();
    return result instanceof Promise ? (result.catch((error: unknown) => Promise.reject(tell(spec, where, error) as Error)) as R) : result;
  } catch (error) {
    throw tell(spec, where, error);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
