import { expect } from "vitest";

/** What is said of each case: one sentence, or that it is accepted. That a line is the right one is held in test/core/where.test.ts. */
export async function said(cases: Record<string, () => unknown>): Promise<Record<string, string>> {
  const sentences: Record<string, string> = {};
  for (const [name, run] of Object.entries(cases)) {
    // Also what throws at once becomes a rejection.
    const sentence = await new Promise(resolve => resolve(run())).then(
      () => "accepted",
      (error: Error) => error.message,
    );
    expect(sentence, name).toMatch(/^(ufom: [^\n]*\.|accepted)$/);
    sentences[name] = sentence.replace(/\.ts:\d+/, ".ts:…");
  }
  return sentences;
}
