/**
 * Small tables of numbers, in tooltips and for those who read rather than see.
 *
 * @typedef {{label: string, colour?: string | null, note?: string}} Heading
 * @typedef {{caption?: string, corner: string, columns: Heading[], rows: {heading: Heading, cells: string[]}[]}} Table
 */

import { bdi, element } from "./dom.js";

/**
 * A table with headings on both sides.
 *
 * @param {Table} table
 * @returns {HTMLElement}
 */
export function tableOf({ caption, corner, columns, rows }) {
  return element(
    "table.av-table",
    {},
    caption ? element("caption", {}, caption) : null,
    element(
      "thead",
      {},
      element("tr", {}, element("th", { scope: "col" }, corner), ...columns.map((column) => headingOf(column, "col"))),
    ),
    element("tbody", {}, ...rows.map(rowOf)),
  );
}

function rowOf({ heading, cells }) {
  return element("tr", {}, headingOf(heading, "row"), ...cells.map((cell) => element("td", {}, cell)));
}

function headingOf({ label, colour, note }, scope) {
  const swatch = colour ? element("span.av-dot", { style: `background: ${colour}` }) : null;
  return element("th", { scope, title: note ?? label }, swatch, bdi(label));
}
