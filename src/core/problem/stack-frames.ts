// Reads stack traces. Imports nothing: the command uses it before anything else is loaded.

/** The address of the module that these lines are in, without a query; none in a bundle for a classic script, whose modules have no address. */
const loaded = (import.meta.url as string | undefined)?.split("?")[0];

/**
 * The addresses under which stack traces may show a compiled module: its own, and with source maps, which may be enabled at any time, that
 * of the file that it was compiled from.
 */
export const addressesOf = (url: string | undefined): readonly string[] =>
  url === undefined ? [] : [url, url.replace(/\/dist\/(core\/.*)\.js$/, "/src/$1.ts")];

/** The folders of ufom's own modules; this one lies two folders deep. */
const own = addressesOf(loaded).map(url => url.replace(/(?:[^/]*\/){2}[^/]*$/, ""));

/** Whether a file is one of ufom's own modules. */
export const isOwn = (url: string): boolean => own.some(folder => url.startsWith(folder));

/** Whether a file is neither ufom's own nor a package's. */
export const isUsers = (url: string): boolean => !isOwn(url) && !url.includes("/node_modules/");

/** A place as stack traces write it, an address or a path such as `/my code/a.ts` and `C:\my code\a.ts`, as an address. */
function urlOf(place: string): string {
  const path = place.replaceAll("\\", "/").replace(/^(?=[A-Za-z]:\/[^/])/, "/");
  return path.startsWith("/") ? `file://${encodeURI(path)}` : place;
}

/** A frame of a stack trace. */
export interface Frame {
  /** `file:///a/b.ts` or `https://…`, without a query. */
  readonly url: string;
  readonly line: string;
  /** Of the function, if it has one. */
  readonly name: string | undefined;
}

/** Frames of a stack trace with places in files, from the innermost. */
export function* framesOf(stack: string | undefined): Generator<Frame> {
  for (const text of (stack ?? "").split("\n")) {
    const frame = /(?:\(|at (?:async )?)((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:[\\/])[^()]*?):(\d+):\d+\)?$/.exec(text.trim());
    if (frame)
      yield { url: urlOf(frame[1]).split("?")[0], line: frame[2], name: /^at (?:.*[. ])?([\w$]+) (?:\[.*\] )?\(/.exec(text.trim())?.[1] };
  }
}
