import type { Built, RunRecord } from "./problems/problem-entry.js";
import type { Table } from "./problems/figure.js";
import type { OutputFolder } from "./output-folder.js";
import { optionsLine, settingsList } from "./prepare.js";
import { shellLine } from "./run-output.js";
import { showPath } from "./show-place.js";
import type { Settings } from "./settings.js";
import { version } from "./version.js";

/** Writes report.html of a run. @param within a link to the comparison that the run belongs to */
export async function saveRunReport(
  folder: OutputFolder,
  settings: Settings,
  input: { readonly record: RunRecord; readonly built: Built; readonly summary: string; readonly tables: readonly Table[] },
  within?: { readonly text: string; readonly href: string },
): Promise<void> {
  const { runReport } = await import("./report/run-report.js");
  const page = await runReport({
    ...input,
    settings: settingsList(settings),
    commands: [shellLine(["ufom", "run", showPath(settings.problem), ...optionsLine(settings)])],
    version: await version(),
    within,
  });
  await folder.saveReport(page);
}
