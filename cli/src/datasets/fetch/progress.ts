import type { SingleBar } from "cli-progress";
import { bytes as inUnits } from "../../report/format.js";

/** Who watches a file come. */
export interface Watch {
  /** @param done bytes that are there */
  there(done: number): void;
  end(): void;
}

/** Plain lines, for files and logs: at the start, and at every quarter. */
function lines(name: string, total: number, write: (line: string) => void): Watch {
  let next = 0;
  return {
    there(done) {
      if (done < next) return;
      next = (Math.floor((4 * done) / total + 1) * total) / 4;
      write(`${name}: ${inUnits(done)} of ${inUnits(total)}`);
    },
    end: () => {},
  };
}

function bar(made: SingleBar, name: string, total: number): Watch {
  made.start(total, 0, { name, of: inUnits(total), have: inUnits(0) });
  return {
    there: done => made.update(done, { have: inUnits(done) }),
    end: () => made.stop(),
  };
}

/** A bar where standard error is a terminal, plain lines elsewhere. */
export async function watchFile(name: string, total: number, stream: NodeJS.WriteStream = process.stderr): Promise<Watch> {
  if (!stream.isTTY) return lines(name, total, line => stream.write(`${line}\n`));
  const { default: library } = await import("cli-progress");
  const made = new library.SingleBar(
    {
      stream,
      format: "{name}  {bar}  {have} of {of}  {eta_formatted} left",
      fps: 8,
      hideCursor: true,
      gracefulExit: false,
      linewrap: false,
    },
    library.Presets.shades_classic,
  );
  return bar(made, name, total);
}
