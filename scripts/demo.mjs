// `npm run demo`: cleans half-wrong labels of real MNIST, from a fresh clone to the report. More arguments are passed on.
import { buildIfStale } from "./build.mjs";
import { ensure } from "./ensure.mjs";
import { run } from "./shell.mjs";

/** What the demonstration runs, as behind `npx ufom`. */
const demonstration = ["run", "hyper-cleaning"];

try {
  await ensure([]);
  await buildIfStale();
  const { code } = await run(process.execPath, ["cli/dist/main.js", ...demonstration, ...process.argv.slice(2)], {
    show: true,
  });
  process.exitCode = code;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
