import { fileSentence, isSystemError } from "./file-errors.js";

/**
 * Lets a command go on whose reader has gone: `ufom list | head -1`, a log that was closed. What nobody reads is not written; a run is finished all
 * the same. What the system refuses for another reason, such as a full disk, is told on the other stream.
 * @param fail called then: the results were not delivered
 */
export function guardStreams(fail: () => void): void {
  const { stdout, stderr } = process;
  const guard = (stream: NodeJS.WriteStream, name: string, other: NodeJS.WriteStream | undefined) => {
    let told = false;
    stream.on("error", (error: Error) => {
      const gone = isSystemError(error) && (error.code === "EPIPE" || error.code === "EIO" || error.code === "ECONNRESET");
      if (gone || told) return;
      told = true;
      fail();
      const sentence = isSystemError(error) ? fileSentence(Object.assign(error, { path: name })) : error.message;
      other?.write(`${sentence}\n`);
    });
  };
  guard(stdout, "standard output", stderr);
  guard(stderr, "standard error", undefined);
}
