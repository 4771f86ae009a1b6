import type { Figure, Table } from "../problems/figure.js";
import { renderFigure, renderTable } from "./figures.js";
import { html, Markup } from "./markup.js";
import { script } from "./script.js";
import { style } from "./style.js";

/** A figure of one line at the top of a report. */
export interface Tile {
  readonly label: string;
  readonly value: string;
}

/** What a report shows, from top to bottom. */
export interface Report {
  readonly title: string;
  readonly subtitle: string;
  readonly outcome?: { readonly word: string; readonly good: boolean; readonly message: string };
  readonly tiles: readonly Tile[];
  readonly protocol: readonly string[];
  readonly tables: readonly Table[];
  readonly figures: readonly Figure[];
  /** Tables below the figures. */
  readonly after?: readonly Table[];
  /** A link to a page that this one belongs to. */
  readonly within?: { readonly text: string; readonly href: string };
  /** Names and values: everything the run was given. */
  readonly settings: readonly (readonly [string, string])[];
  /** Commands that make the same numbers again. */
  readonly commands: readonly string[];
  readonly footer: string;
}

/** The whole report as one HTML file that needs no other: style and figures are inside. */
export async function renderPage(report: Report): Promise<string> {
  const figures: Markup[] = [];
  for (const figure of report.figures) figures.push(await renderFigure(figure));
  const { outcome } = report;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${report.title}</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>${report.title}</h1>
          <p class="subtitle">${report.subtitle}</p>
          ${
            outcome === undefined
              ? undefined
              : html`<p><span class="badge ${outcome.good ? "good" : "bad"}">${outcome.word}</span> ${outcome.message}</p>`
          }
        </header>
        <div class="tiles">
          ${report.tiles.map(
            ({ label, value }) =>
              html`<div class="tile">
                <div class="value">${value}</div>
                <div class="label">${label}</div>
              </div> `,
          )}
        </div>
        <main>${report.tables.map(renderTable)} ${figures} ${(report.after ?? []).map(renderTable)}</main>
        ${
          report.protocol.length === 0
            ? undefined
            : html`<h2>Protocol</h2>
                <ul>
                  ${report.protocol.map(line => html`<li>${line}</li> `)}
                </ul>`
        }
        <h2>How to reproduce</h2>
        ${report.commands.map(command => html`<pre>${command}</pre> `)}
        <details>
          <summary>Settings</summary>
          <dl>
            ${report.settings.map(
              ([name, value]) =>
                html`<dt>${name}</dt>
                  <dd>${value}</dd>`,
            )}
          </dl>
        </details>
        ${report.within === undefined ? undefined : html`<p><a href="${report.within.href}">${report.within.text}</a></p>`}
        <footer>${report.footer}</footer>
        <script>
          ${new Markup(script)};
        </script>
      </body>
    </html> `;
  return page.text;
}
