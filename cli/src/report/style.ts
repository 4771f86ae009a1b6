/** The style sheet of a report. */
export const style = `
:root { color-scheme: light; --ink: #1d2129; --soft: #5b6472; --line: #e4e7ec; --paper: #f6f7f9; --good: #067647; --bad: #b42318; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1200px; padding: 32px 24px 48px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { margin: 0; font-size: 26px; letter-spacing: -0.01em; }
h2 { margin: 32px 0 8px; font-size: 18px; }
h3 { margin: 0 0 8px; font-size: 15px; }
.subtitle, .caption, footer { color: var(--soft); }
.subtitle { margin: 4px 0 8px; }
.caption { margin: 8px 0 0; font-size: 13px; }
.badge { display: inline-block; padding: 1px 10px; margin-right: 6px; border-radius: 999px; font-size: 13px; font-weight: 600; }
.badge.good { color: var(--good); background: #d1fadf; }
.badge.bad { color: var(--bad); background: #fee4e2; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.tile { flex: 1 1 130px; padding: 12px 16px; background: #fff; border: 1px solid var(--line); border-radius: 10px; }
.tile .value { font-size: 22px; font-weight: 650; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tile .label { color: var(--soft); font-size: 13px; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 540px), 1fr)); gap: 16px; }
.card { min-width: 0; padding: 16px; background: #fff; border: 1px solid var(--line); border-radius: 10px; }
.card.wide { grid-column: 1 / -1; }
.card svg { display: block; width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { min-width: 60%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 28px 6px 0; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th { color: var(--soft); font-size: 13px; font-weight: 600; }
tbody tr:last-child td { border-bottom: 0; }
th.number, td.number { text-align: right; }
.thumbs { display: flex; flex-wrap: wrap; gap: 8px; }
.thumb { margin: 0; padding: 4px; border: 2px solid var(--line); border-radius: 6px; text-align: center; font-size: 12px; }
.thumb.good { border-color: #6ce9a6; }
.thumb.bad { border-color: #fda29b; }
.thumb img { display: block; margin: 0 auto; image-rendering: pixelated; }
pre { margin: 8px 0; padding: 12px 16px; white-space: pre-wrap; overflow-wrap: anywhere; background: #1d2129; color: #f2f4f7; border-radius: 8px;
  font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { margin-top: 12px; }
summary { cursor: pointer; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 20px; margin: 8px 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { margin-top: 32px; font-size: 13px; }
@media print { body { background: #fff; } .card, .tile { break-inside: avoid; } }
`;
