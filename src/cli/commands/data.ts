import { bytes, whole } from "../../report/format.js";
import { UsageError, exitCode, type ExitCode } from "../failure.js";
import { nearest } from "../../tensor/nearest.js";
import type { Terminal } from "../terminal.js";

/** `ufom data NAME`: reads a data set, checks all of it, and shows what there is. */
export async function data(name: string, terminal: Terminal): Promise<ExitCode> {
  const { dataSets } = await import("../../datasets/check.js");
  const names = Object.keys(dataSets);
  if (!names.includes(name)) {
    const near = nearest(name, names);
    throw new UsageError(
      `ufom: there is no data set named ${JSON.stringify(name)}${near === undefined ? "" : ` (did you mean ${near}?)`}; there is ${names.join(", ")}.`,
    );
  }
  const check = await dataSets[name].check();
  terminal.json(check);
  terminal.line(`${check.name}: ${dataSets[name].summary}`);
  terminal.line(check.folder);
  const parts = Object.entries(check.parts);
  terminal.table({
    columns: ["", "images", ...parts[0][1].classes.map((_, i) => String(i))],
    rows: parts.map(([part, { n, classes }]) => [part, whole(n), ...classes.map(whole)]),
  });
  terminal.table({
    columns: ["file", "size", "SHA-256"],
    rows: check.files.map(({ file, bytes: size, sha256 }) => [file, bytes(size), sha256]),
  });
  return exitCode.done;
}
