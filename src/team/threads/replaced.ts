/** Plain data with something else in the place of what `replace` answers for; lists of numbers stay the same objects. */
export function replaced(data: unknown, replace: (x: Readonly<Record<string, unknown>>) => unknown): unknown {
  if (Array.isArray(data)) return data.map(x => replaced(x, replace));
  if (typeof data !== "object" || data === null || ArrayBuffer.isView(data)) return data;
  const fields = data as Readonly<Record<string, unknown>>;
  return (
    replace(fields)
    ?? Object.fromEntries(Object.entries(fields).map(([name, x]) => [name, typeof x === "object" ? replaced(x, replace) : x]))
  );
}
