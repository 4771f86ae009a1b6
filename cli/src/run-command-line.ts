import { inspect } from "node:util";
import { exitCode, failureOf, UsageError, type ExitCode, type Failure } from "./failure.js";
import { commandLine, CommanderError } from "./program.js";
import { problemHelp } from "./problem-help.js";
import { guardStreams } from "./streams.js";
import { jsonTerminal, peopleTerminal } from "./terminal.js";
import { version } from "./version.js";

/** The number of stack frames kept, so that a user's line is still there below the frames of the tensor language. */
Error.stackTraceLimit = 60;

/** Turns commander's message about a wrong command line into one of ufom's sentences. */
const ofCommander = (error: CommanderError): UsageError => {
  const [first, ...rest] = error.message.replace(/^error: /, "").split("\n");
  const hint = rest.join(" ").trim();
  return new UsageError(`ufom: ${first.replace(/\.$/, "")}${hint === "" ? "" : ` ${hint}`}.`);
};

function report({ sentence, code }: Failure, error: unknown, json: boolean): ExitCode {
  if (json) jsonTerminal.json({ error: sentence });
  process.stderr.write(`${sentence}\n`);
  if (process.env.UFOM_DEBUG === "1") process.stderr.write(`${inspect(error)}\n`);
  return code;
}

/**
 * Runs a command line and says how it ended. Whatever is wrong is said in one sentence on standard error, and with
 * `--json` as `{ "error": … }` on standard output; with UFOM_DEBUG=1 the stack follows.
 */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  let delivered = true;
  guardStreams(() => {
    delivered = false;
    // The end may have been said already.
    if (process.exitCode === exitCode.done) process.exitCode = exitCode.failed;
  });
  let code: ExitCode = exitCode.done;
  const json = args.includes("--json");
  try {
    const program = commandLine(
      await version(),
      wantsJson => (wantsJson ? jsonTerminal : peopleTerminal),
      ended => (code = ended),
    );
    await problemHelp(program, args);
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return code === exitCode.done && !delivered ? exitCode.failed : code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(await failureOf(error), error, json);
    if (error.exitCode === 0) return exitCode.done;
    const refused = ofCommander(error);
    return report(await failureOf(refused), refused, json);
  }
}
