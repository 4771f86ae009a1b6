import type { Chart, Figure, GreyImage, Histogram } from "../problems/figure.js";
import type { Table } from "../problems/figure.js";
import { html, Markup } from "./markup.js";
import { colourPng, greyPng } from "./png.js";
import { colourOf, colours, svgChart } from "./svg-chart.js";

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

/** More images than these take the whole width of a page. */
const oneColumn = 12;
/** A drawing of few pixels is shown twice as large; a photograph as it is. */
const small = 48;

function image({ width, height, pixels, label, tone, as = "ink" }: GreyImage): Markup {
  const bytes =
    as === "colour" ? colourPng(pixels, width, height) : greyPng(as === "ink" ? pixels.map(ink => 255 - ink) : pixels, width, height);
  const png = Buffer.from(bytes).toString("base64");
  const times = Math.max(width, height) <= small ? 2 : 1;
  return html`<figure class="thumb ${tone ?? ""}">
    <img alt="${label}" width="${times * width}" height="${times * height}" src="data:image/png;base64,${png}" />
    <figcaption>${label}</figcaption>
  </figure>`;
}

/** JSON inside of a page: nothing in it ends the element that holds it. */
const embedded = (data: unknown): Markup => new Markup(JSON.stringify(data).replaceAll("<", "\\u003c"));

/** The names of a chart's lines; none where there is one, or more than colours. */
function legend({ series }: Chart): Markup | undefined {
  const [first] = series;
  // One line among those of other charts needs its name.
  if ((series.length < 2 && first?.place === undefined) || series.length > colours) return undefined;
  return html`<ul class="legend">
    ${series.map(({ name, place }, i) => html`<li style="--c: ${colourOf(place ?? i)}">${name}</li> `)}
  </ul>`;
}

/** A chart, with what the page's script needs for the values under the cursor. */
async function plot(chart: Chart): Promise<Markup> {
  const { svg, readings } = await svgChart(chart);
  const label = `${chart.title}: ${chart.y.label} against ${chart.x.label}`;
  return html`${legend(chart)}
    <div class="plot" tabindex="0" role="group" aria-label="${label}; arrow keys read the values">
      ${new Markup(svg.replace("<svg ", '<svg aria-hidden="true" '))}
      <script type="application/json">
        ${embedded(readings)}
      </script>
    </div>
    <p class="readout" aria-live="polite"></p>`;
}

/** A figure of a report. */
export async function renderFigure(figure: Figure): Promise<Markup> {
  const body =
    figure.kind === "images"
      ? html`<div class="thumbs">${figure.images.map(image)}</div>`
      : await plot(figure.kind === "histogram" ? binned(figure) : figure);
  return html`<section class="card ${figure.kind === "images" && figure.images.length > oneColumn ? "wide" : ""}">
    <h3>${figure.title}</h3>
    ${body} ${figure.caption === undefined ? undefined : html`<p class="caption">${figure.caption}</p>`}
  </section>`;
}

/** Matches a cell that holds a number, perhaps with an exponent, a unit or `± spread`. */
const isNumber = (cell: string): boolean =>
  /^[±−-]?[\d.,]+(e[−-]?\d+)?( ?(%|s|ms|min|h|B|kB|MB|GB|x)( [\d.]+ (s|min))?)?( ± .*)?$/.test(cell);

/** Longer texts of cells and headings are broken into lines. */
const longCell = 36;
const longHeading = 20;

/** A table of a report; columns that hold numbers are set flush right. */
export function renderTable({ title, columns, rows, links = [], note }: Table): Markup {
  const right = columns.map((_, i) => rows.length > 0 && rows.every(row => row[i] === "" || isNumber(row[i])));
  const cell =
    (tag: "th" | "td", link?: string) =>
    (text: string, i: number): Markup => {
      const content = link === undefined || i > 0 ? html`${text}` : html`<a href="${link}">${text}</a>`;
      const kind = [...(right[i] ? ["number"] : []), ...(text.length > (tag === "th" ? longHeading : longCell) ? ["long"] : [])].join(" ");
      return new Markup(`<${tag}${kind === "" ? "" : ` class="${kind}"`}>${content.text}</${tag}>`);
    };
  return html`<section class="card ${columns.length > 4 ? "wide" : ""}">
    ${title === undefined ? undefined : html`<h3>${title}</h3>`}
    <div class="scroll" tabindex="0">
      <table>
        <thead>
          <tr>
            ${columns.map(cell("th"))}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row, i) =>
              html`<tr>
                ${row.map(cell("td", links[i]))}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    ${note === undefined ? undefined : html`<p class="caption">${note}</p>`}
  </section>`;
}
