/**
 * Colours of lines that stay apart for eyes that see fewer of them (Okabe and Ito), in the order of series; on a dark page those that would
 * be too dark are lighter.
 */
const light = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#4d4d4d"];
const dark = ["#4ba3e3", "#ff8a3d", "#2cc295", "#e39ac2", "#f0b429", "#8fd0ff", "#b48ad0", "#b8bec9"];
const lines = (colours: readonly string[]): string => colours.map((colour, i) => `--c${i}: ${colour};`).join(" ");

/** The colours by their names: light, dark where the reader's system is, and light on paper. */
export const palette = `
:root { color-scheme: light dark; --ink: #1d2129; --soft: #5b6472; --line: #e4e7ec; --paper: #f6f7f9; --card: #ffffff;
  --good: #067647; --good-paper: #d1fadf; --bad: #b42318; --bad-paper: #fee4e2; --link: #0b5cad; --code: #1d2129; --code-ink: #f2f4f7;
  ${lines(light)} }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ef; --soft: #a3acba; --line: #333b47; --paper: #12151a; --card: #1a1f26;
    --good: #6ce9a6; --good-paper: #0b3b26; --bad: #fda29b; --bad-paper: #55160f; --link: #7cc0ff; --code: #0b0d10; --code-ink: #e6e9ef;
    ${lines(dark)} }
}
`;

/** The typeface of a report and of its pictures. */
export const typeface = `system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;

/** The style sheet of a report. */
export const style = `${palette}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1200px; padding: 32px 24px 48px; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.5 ${typeface}; }
h1 { margin: 0; font-size: 26px; letter-spacing: -0.01em; }
h2 { margin: 32px 0 8px; font-size: 18px; }
h3 { margin: 0 0 8px; font-size: 15px; }
a { color: var(--link); }
.subtitle, .caption, footer { color: var(--soft); }
.subtitle { margin: 4px 0 8px; }
.caption { margin: 8px 0 0; font-size: 13px; }
.badge { display: inline-block; padding: 1px 10px; margin-right: 6px; border-radius: 999px; font-size: 13px; font-weight: 600; }
.badge.good { color: var(--good); background: var(--good-paper); }
.badge.bad { color: var(--bad); background: var(--bad-paper); }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.tile { flex: 1 1 130px; min-width: min-content; padding: 12px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile .value { font-size: 22px; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.tile .label { color: var(--soft); font-size: 13px; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 16px; }
.card { min-width: 0; padding: 16px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.card.wide { grid-column: 1 / -1; }
.card svg { display: block; width: 100%; max-width: 640px; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 4px; padding: 0; list-style: none; font-size: 13px; }
.legend li, .readout .value { display: inline-flex; gap: 6px; align-items: baseline; min-width: 0; }
.legend li::before, .readout .value::before { content: ""; flex: none; width: 14px; height: 4px; align-self: center; border-radius: 2px;
  background: var(--c); }
.plot { touch-action: pan-y; cursor: crosshair; border-radius: 6px; }
.hair { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; pointer-events: none; }
.dot { stroke: var(--card); stroke-width: 1.5; pointer-events: none; }
.readout { display: flex; flex-wrap: wrap; gap: 2px 14px; min-height: 1.5em; margin: 4px 0 0; font-size: 13px; font-variant-numeric: tabular-nums; }
.readout > :first-child { color: var(--soft); }
.scroll { overflow-x: auto; }
table { min-width: 60%; border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: 6px 28px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
td { white-space: nowrap; }
th.long { min-width: 16ch; }
td.long { min-width: 24ch; white-space: normal; overflow-wrap: anywhere; }
th { vertical-align: bottom; color: var(--soft); font-size: 13px; font-weight: 600; }
tbody tr:last-child td { border-bottom: 0; }
th.number, td.number { text-align: right; }
.thumbs { display: flex; flex-wrap: wrap; gap: 8px; }
.thumb { margin: 0; padding: 4px; border: 2px solid var(--line); border-radius: 6px; text-align: center; font-size: 12px; }
.thumb figcaption { max-width: 128px; margin: 2px auto 0; line-height: 1.35; white-space: pre-line; }
.thumb.good { border-color: #6ce9a6; }
.thumb.bad { border-color: #fda29b; }
.thumb img { display: block; margin: 0 auto; image-rendering: pixelated; }
pre { margin: 8px 0; padding: 12px 16px; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--code); color: var(--code-ink);
  border-radius: 8px; font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { margin-top: 12px; }
summary { cursor: pointer; font-weight: 600; }
dl { display: grid; grid-template-columns: fit-content(50%) minmax(0, 1fr); gap: 2px 20px; margin: 8px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 32px; font-size: 13px; }
@media (max-width: 520px) { body { padding: 20px 12px 32px; } .card { padding: 12px; } th, td { padding-right: 16px; } }
@media print { body { background: #fff; } .card, .tile { break-inside: avoid; } .readout { display: none; } }
`;
