import type { Chart, Figure, GreyImage, Histogram } from "../problems/figure.js";
import type { Table } from "../problems/figure.js";
import { html, Markup } from "./markup.js";
import { greyPng } from "./png.js";
import { svgChart } from "./svg-chart.js";

/** A histogram as a chart: how many values of each group fall into each bin; those outside count in the first and the last. */
export function binned({ title, caption, x, low, high, bins, groups }: Histogram): Chart {
  const width = (high - low) / bins;
  const series = groups.map(({ name, values }) => {
    const counts = new Array<number>(bins).fill(0);
    for (let i = 0; i < values.length; i++) {
      const bin = Math.floor((values[i] - low) / width);
      if (!Number.isNaN(bin)) counts[Math.min(bins - 1, Math.max(0, bin))]++;
    }
    return { name, style: "bars" as const, points: counts.map((n, bin) => [low + (bin + 0.5) * width, n] as const) };
  });
  return { kind: "chart", title, caption, x: { ...x, min: low, max: high }, y: { label: "how many", min: 0 }, series };
}

function image({ width, height, pixels, label, tone }: GreyImage): Markup {
  const negative = pixels.map(ink => 255 - ink);
  const png = Buffer.from(greyPng(negative, width, height)).toString("base64");
  return html`<figure class="thumb ${tone ?? ""}">
    <img alt="${label}" width="${2 * width}" height="${2 * height}" src="data:image/png;base64,${png}" />
    <figcaption>${label}</figcaption>
  </figure>`;
}

/** A figure of a report. */
export async function renderFigure(figure: Figure): Promise<Markup> {
  const body =
    figure.kind === "images"
      ? html`<div class="thumbs">${figure.images.map(image)}</div>`
      : new Markup(await svgChart(figure.kind === "histogram" ? binned(figure) : figure));
  return html`<section class="card">
    <h3>${figure.title}</h3>
    ${body} ${figure.caption === undefined ? undefined : html`<p class="caption">${figure.caption}</p>`}
  </section>`;
}

/** Matches a cell that holds a number, perhaps with an exponent, a unit or `± spread`. */
const isNumber = (cell: string): boolean =>
  /^[±−-]?[\d.,]+(e[−-]?\d+)?( ?(%|s|ms|min|h|B|kB|MB|GB|x)( [\d.]+ (s|min))?)?( ± .*)?$/.test(cell);

/** A table of a report; columns that hold numbers are set flush right. */
export function renderTable({ title, columns, rows, note }: Table): Markup {
  const right = columns.map((_, i) => rows.length > 0 && rows.every(row => row[i] === "" || isNumber(row[i])));
  const cell = (tag: "th" | "td") => (text: string, i: number) =>
    new Markup(`<${tag}${right[i] ? ' class="number"' : ""}>${html`${text}`.text}</${tag}>`);
  return html`<section class="card ${columns.length > 4 ? "wide" : ""}">
    ${title === undefined ? undefined : html`<h3>${title}</h3>`}
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${columns.map(cell("th"))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            row =>
              html`<tr>
                ${row.map(cell("td"))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    ${note === undefined ? undefined : html`<p class="caption">${note}</p>`}
  </section>`;
}
