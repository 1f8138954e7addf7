import { escapeUnprintable } from '../diagnostics/visible-text.ts';
import type { AccessGraph, Holder } from './access-graph.ts';
import { holderLabel, holderNotes, permissionLabel, permissionNotes, rowLabel } from './labels.ts';

const shapes: Readonly<Record<Holder['kind'], string>> = {
  subject: 'shape=box, style=rounded',
  group: 'shape=box',
  role: 'shape=hexagon',
};

/** The graph for Graphviz: permissions are the labels of edges, a deny is dashed and says so. */
export function renderDot(
  { holders, links, rows, permissions }: AccessGraph,
  caption: readonly string[],
): string {
  const lines = [
    `label=${quoteLines(caption)};`,
    'rankdir=LR;',
    'node [fontname="monospace", fontsize=11];',
    'edge [fontname="monospace", fontsize=10];',
    ...holders.map(
      (holder, i) =>
        `h${i} [${shapes[holder.kind]}, label=${quote(holderLabel(holder))}, tooltip=${quoteLines(holderNotes(holder))}];`,
    ),
    ...rows.map(
      (row, i) => `r${i} [shape=plaintext, label=${quote(rowLabel(row))}, tooltip=${quote(row.text)}];`,
    ),
    ...links.map(({ from, to }) => `h${from} -> h${to} [color=gray40];`),
    ...rows.flatMap(({ parent }, i) =>
      parent === undefined ? [] : [`r${parent} -> r${i} [style=dotted, arrowhead=none];`],
    ),
    ...permissions.flatMap((permission) => {
      const { effect, row } = permission;
      const style = effect === 'allow' ? 'color="#0b63c5"' : 'color="#b3261e", style=dashed, arrowhead=tee';
      const tooltip = quoteLines(permissionNotes(permission, rows[row]!));
      return permission.holders.map(
        (holder) =>
          `h${holder} -> r${row} [label=${quote(permissionLabel(permission))}, ${style}, edgetooltip=${tooltip}];`,
      );
    }),
  ];
  return `digraph postern {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
}

/** Graphviz reads escapes in labels, as `\N` for a node's name: a backslash is written twice. */
function quote(text: string): string {
  return `"${escapeUnprintable(text).replace(/["\\]/g, '\\$&')}"`;
}

function quoteLines(lines: readonly string[]): string {
  return `"${lines.map((line) => quote(line).slice(1, -1)).join('\\n')}"`;
}
