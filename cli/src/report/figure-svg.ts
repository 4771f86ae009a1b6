import type { Chart, Series } from "../problems/figure.js";
import { wrap } from "../terminal-width.js";
import { escapeHtml, html, Markup } from "./markup.js";
import { palette, typeface } from "./style.js";
import { chartSize, colourOf, svgChart } from "./svg-chart.js";

/** A picture of its own: charts one below the other, each under its title and the names of its lines. */
export interface Picture {
  readonly title: string;
  readonly panels: readonly Chart[];
}

const { width } = chartSize;
const side = 14;
/** Letters of the title, of a panel's title and of a legend: their size, the height of a line, and about how wide one is. */
const letters = {
  title: { size: 15, line: 20, wide: 8.2 },
  panel: { size: 13, line: 18, wide: 7.4 },
  legend: { size: 12, line: 18, wide: 6.4 },
} as const;
type Kind = keyof typeof letters;

const key = { width: 14, gap: 6, apart: 14 } as const;

/** Lines of text below each other; where the next thing begins. */
function text(kind: Kind, words: string, top: number): { readonly drawn: Markup; readonly bottom: number } {
  const { size, line, wide } = letters[kind],
    lines = wrap(words, Math.floor((width - 2 * side) / wide));
  const drawn = lines.map(
    (one, i) => html`<text class="${kind}" x="${side}" y="${top + i * line + size}" font-size="${size}">${one}</text>`,
  );
  return { drawn: html`${drawn}`, bottom: top + lines.length * line };
}

/** The name of a line behind a piece of it, or behind a point of it. */
function entry({ name, style = "line" }: Series, colour: string, left: number, top: number): Markup {
  const middle = top + 8;
  const sample =
    style === "points"
      ? html`<circle cx="${left + key.width / 2}" cy="${middle}" r="4" fill="${colour}" />`
      : html`<rect x="${left}" y="${middle - 2}" width="${key.width}" height="4" rx="2" fill="${colour}" />`;
  return html`${sample}<text x="${left + key.width + key.gap}" y="${top + 12}" font-size="${letters.legend.size}">${name}</text>`;
}

/** The names of a chart's lines, in as many rows as they need; what has no name belongs to another line. */
function legend({ series }: Chart, first: number): { readonly drawn: Markup; readonly bottom: number } {
  if (series.length < 2) return { drawn: html``, bottom: first };
  let [left, top] = [side, first];
  const drawn = series.map((one, i) => {
    if (one.name === "") return html``;
    const wide = key.width + key.gap + one.name.length * letters.legend.wide;
    if (left > side && left + wide > width - side) [left, top] = [side, top + letters.legend.line];
    const shown = entry(one, colourOf(one.place ?? i), left, top);
    left += wide + key.apart;
    return shown;
  });
  return { drawn: html`${drawn}`, bottom: top + letters.legend.line };
}

/** A chart without what echarts writes for a page that can be pointed at, named by its panel and not by how many charts were drawn before. */
const plain = (svg: string, panel: number): string =>
  svg
    .trim()
    .replace(/<style[^]*?<\/style>\s*/g, "")
    .replace(/ pointer-events="visible"| class="zr\d+-cls-\d+"| ecmeta_\w+="[^"]*"/g, "")
    .replace(/ (d|transform)="[^"]*"/g, places => places.replace(/(\.\d\d)\d+/g, "$1"))
    .replace(/zr\d+-/g, `panel${panel}-`);

/** A picture as one SVG file: light or dark as the reader's system is, on a ground of its own, without scripts. */
export async function figureSvg({ title, panels }: Picture): Promise<string> {
  const head = text("title", title, 8);
  const parts: Markup[] = [head.drawn];
  let top = head.bottom + 4;
  for (const [i, panel] of panels.entries()) {
    const name = panel.title === title ? { drawn: html``, bottom: top } : text("panel", panel.title, top + 4);
    const names = legend(panel, name.bottom + 2);
    const { svg } = await svgChart(panel);
    parts.push(name.drawn, names.drawn, html`<g transform="translate(0 ${names.bottom})">${new Markup(plain(svg, i))}</g>`);
    top = names.bottom + chartSize.height;
  }
  const height = top + 6;
  const described = panels
    .map(({ x, y, caption }) => `${y.label} against ${x.label}.${caption === undefined ? "" : ` ${caption}`}`)
    .join(" ");
  // Put together by hand: space in a text of SVG is shown, and templates of markup are laid out anew by the formatter.
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="${escapeHtml(typeface)}">`,
    `<title>${escapeHtml(title)}</title><desc>${escapeHtml(described)}</desc>`,
    `<style>${palette}text { fill: var(--ink); } .title { font-weight: 650; } .panel { font-weight: 600; }</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="var(--card)" />`,
    ...parts.map(part => part.text),
    "</svg>\n",
  ].join("\n");
}
