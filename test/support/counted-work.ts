// How much work a call is, counted and not timed: the same number whatever else the machine does.
import { Session } from "node:inspector/promises";

/**
 * How often the functions and the blocks inside of them (loop bodies, branches) in src/ were entered while `f` ran. It leaves out what
 * the engine does by itself, such as copying an array.
 */
export async function countedWork(f: () => unknown): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
    // What was counted before is cleared by being taken.
    await session.post("Profiler.takePreciseCoverage");
    f();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    let entered = 0;
    for (const { url, functions } of result) {
      if (!url.includes("/src/")) continue;
      for (const { ranges } of functions) for (const { count } of ranges) entered += count;
    }
    if (entered === 0) throw new Error("nothing was counted: the function ran no code of src/");
    return entered;
  } finally {
    session.disconnect();
  }
}
