// Threads that end in the middle of a job, that never begin, and runs that end in the middle of a step.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adam, createWasmExecutor, solve, type SolveOptions } from "../../src/index.js";
import { solveWith } from "../../src/core/solve/solve.js";
import { threads, type ThreadsOptions } from "../../src/team/threads.js";
import { threadSource } from "../../src/team/threads/source.js";
import { startThread } from "../../src/team/threads/spawn.js";
import { bitsOf } from "../support/gradients.js";
import { everywhere } from "../support/problems.js";

const { problem } = everywhere,
  options: SolveOptions = { estimator: "ufom:0.5", outer: adam(0.01), outerSteps: 6, metaBatch: 4, seed: 3 };

let folder: string,
  marks = 0;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "ufom-deaths-"))));
afterAll(() => rmSync(folder, { recursive: true }));
const mark = () => join(folder, `mark-${++marks}`);

/** Code that does something as soon as a thread has a job: the first time only, of whichever thread it is, or always. */
const atJob = (deed: string, once: string | undefined) => {
  // Of two threads that begin at the same moment one makes the mark.
  const first = once === undefined ? "true" : `!fs.existsSync(${JSON.stringify(once)}) && made(${JSON.stringify(once)})`;
  return `{
    const fs = process.getBuiltinModule("fs"), claim = Atomics.compareExchange;
    const made = mark => { try { fs.writeFileSync(mark, "", { flag: "wx" }); return true; } catch { return false; } };
    const befall = () => { if (!(${first})) return; ${deed} };
    Atomics.compareExchange = (...given) => { const found = claim(...given); if (found === given[2]) befall(); return found; };
    const listen = process.getBuiltinModule("worker_threads").parentPort;
    listen.on("message", ({ kind }) => { if (kind === "job") befall(); });
  }\n`;
};

/** Threads, and which of them run. */
function watched(given: ThreadsOptions) {
  const alive = new Set<object>();
  let started = 0;
  const start: typeof startThread = (source, hear) => {
    const own = {},
      thread = startThread(source, { ...hear, ended: why => (alive.delete(own), hear.ended(why)) });
    alive.add(own);
    started++;
    return { ...thread, kill: () => (alive.delete(own), thread.kill()) };
  };
  const executor = createWasmExecutor();
  return {
    executor,
    run: (more: Partial<SolveOptions> = {}, of = problem) =>
      solveWith(of, { ...options, ...more }, { executor, team: threads({ workers: 2, here: false, ...given, start }) }),
    running: () => alive.size,
    started: () => started,
  };
}

const handings = ["take", "tell"] as const;

describe.each(handings)("jobs that threads %s", handing => {
  test.each([
    ["ends its thread", "process.exit(3);", /^workers: a thread ended and was replaced, .* \(the last ended with code 3\)\.$/],
    [
      "throws where nobody catches it",
      `throw new Error("a fault");`,
      /^workers: a thread ended and was replaced, .* \(the last threw “a fault”\)\.$/,
    ],
  ])("one that %s is done again by another, with the same bits", async (_, deed, note) => {
    const once = mark(),
      { run, running, started, executor } = watched({ handing, source: atJob(deed, once) + threadSource! }),
      found = await run().result();
    expect(existsSync(once)).toBe(true);
    expect(bitsOf(found.theta)).toBe(bitsOf((await solve(problem, { ...options, workers: 1 })).theta));
    expect(found.notes).toEqual([expect.stringMatching(note)]);
    expect([started(), running(), executor.usage().buffers]).toEqual([3, 0, 0]);
  });

  test("one that ends every thread ends the run with a sentence", async () => {
    const { run, running, executor } = watched({ handing, source: atJob("process.exit(4);", undefined) + threadSource! });
    await expect(run().result()).rejects.toThrow(
      /^ufom: a team of threads does a job again whose thread ended, 3 times at most; 3 threads ended on the same one, the last ended with code 4\.$/,
    );
    expect([running(), executor.usage().buffers]).toEqual([0, 0]);
  });

  test("what goes wrong within a job is told as a sentence, and ends the run", async () => {
    const deed = `performance.now = () => { throw new Error("ufom: no clock."); };`,
      { run, running, executor } = watched({ handing, source: atJob(deed, undefined) + threadSource! });
    await expect(run().result()).rejects.toThrow("ufom: a thread: no clock.");
    expect([running(), executor.usage().buffers]).toEqual([0, 0]);
  });

  test("threads that never begin leave the tasks to this one, which tells it", async () => {
    const { run, running, started } = watched({ handing, source: "process.exit(5);" }),
      found = await run().result();
    expect(bitsOf(found.theta)).toBe(bitsOf((await solve(problem, { ...options, workers: 1 })).theta));
    expect(found.notes.join()).toMatch(/workers: threads 3 in a row ended with code 5; the tasks were computed without them\./);
    expect(running()).toBe(0);
    expect(started()).toBeLessThanOrEqual(4);
  });

  test("nothing runs after a loop over the steps was left", async () => {
    const { run, running, started, executor } = watched({ handing }),
      of = run();
    for await (const { index } of of) if (index === 2) break;
    expect((await of.result()).outcome).toBe("stopped");
    expect([started(), running(), executor.usage().buffers]).toEqual([2, 0, 0]);
  });

  test("nothing runs after an abort in the middle of a step, which drops it", async () => {
    const controller = new AbortController(),
      once = mark(),
      // The first job never ends.
      { run, running, executor } = watched({ handing, source: atJob("for (;;);", once) + threadSource! }),
      of = run({ signal: controller.signal }),
      timer = setInterval(() => {
        if (existsSync(once)) controller.abort();
      }, 5),
      { outcome, message, outerSteps } = await of.result();
    clearInterval(timer);
    expect([outcome, outerSteps]).toEqual(["stopped", 0]);
    expect(message).toBe("Stopped within outer step 1, as asked; θ is that of step 0.");
    expect([running(), executor.usage().buffers]).toEqual([0, 0]);
  });

  test("nothing runs after the executor was disposed of in the middle of a step", async () => {
    const [begun, goOn] = [mark(), mark()],
      deed = `while (!fs.existsSync(${JSON.stringify(goOn)}));`,
      { run, running, executor } = watched({ handing, source: atJob(deed, begun) + threadSource! }),
      of = run().result(),
      timer = setInterval(() => {
        if (!existsSync(begun) || existsSync(goOn)) return;
        executor.dispose();
        writeFileSync(goOn, "");
      }, 5);
    await expect(of).rejects.toThrow(/^ufom: .* disposed/);
    clearInterval(timer);
    expect(running()).toBe(0);
  });

  test("nothing runs after a task could not be drawn", async () => {
    const { run, running, executor } = watched({ handing });
    let drawn = 0;
    const failing = Object.assign(Object.create(problem) as typeof problem, {
      draw: (...at: Parameters<typeof problem.draw>) => {
        if (++drawn > 10) throw new Error("no more tasks");
        return problem.draw(...at);
      },
    });
    await expect(run({}, failing).result()).rejects.toThrow("no more tasks");
    expect([running(), executor.usage().buffers]).toEqual([0, 0]);
  });
});
