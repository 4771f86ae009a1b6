import { UfomError } from "../tensor/error.js";

/** The folder that holds ufom's own modules, as stack traces spell it; nothing in a bundle for a classic script, whose modules have no address. */
const own = (import.meta.url as string | undefined)?.replace(/[^/]*\/[^/]*$/, "");

/** `my-problem.ts:14` of the first frame of an error's stack that is neither ufom's nor Node's nor a package's. */
export function userFrame(stack: string | undefined): string | undefined {
  for (const line of (stack ?? "").split("\n").slice(1)) {
    const frame = /(?:\(|at )((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(line.trim());
    if (!frame || frame[1].includes("/node_modules/")) continue;
    const url = frame[1].startsWith("/") ? `file://${frame[1]}` : frame[1];
    if (own !== undefined && url.startsWith(own)) continue;
    return `${decodeURIComponent(url.split("?")[0].split(/[/\\]/).pop() as string)}:${frame[2]}`;
  }
  return undefined;
}

const placed = new WeakSet();

/** Runs a function of the user's problem; what it throws says in which function and on which line. */
export function within<R>(where: string, f: () => R): R {
  try {
    return f();
  } catch (error) {
    if (!(error instanceof Error) || placed.has(error)) throw error;
    const line = userFrame(error.stack),
      at = line ? ` (${where}, ${line})` : ` (${where})`;
    const said =
      error instanceof UfomError || error.message.startsWith("ufom: ")
        ? error.message.replace(/\.$/, "")
        : `ufom: ${where} threw ${error.name}: ${error.message.replace(/\.$/, "")}`;
    const told = new UfomError(`${said}${at}.`, { cause: error });
    placed.add(told);
    throw told;
  }
}
