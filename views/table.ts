import { type Html, html, type Renderable } from './html.ts';

/** A list as a table: what it lists (for screen readers), its columns, and its rows, each beginning with what names it. */
export type Table = {
  caption: string;
  columns: readonly string[];
  rows: readonly (readonly Renderable[])[];
};

/** A table that becomes a list of cards where there is no room; the roles keep it a table for screen readers there too. */
export function table({ caption, columns, rows }: Table): Html {
  return html`<table role="table" class="list">
<caption class="unseen">${caption}</caption>
<thead role="rowgroup">
<tr role="row">${columns.map((column) => html`<th role="columnheader" scope="col">${column}</th>`)}</tr>
</thead>
<tbody role="rowgroup">
${rows.map(
  ([first, ...rest]) => html`<tr role="row"><th role="rowheader" scope="row">${first}</th>${rest.map(
    (cell, index) => html`<td role="cell" data-label="${columns[index + 1]}"><div>${cell}</div></td>`,
  )}</tr>
`,
)}</tbody>
</table>`;
}
