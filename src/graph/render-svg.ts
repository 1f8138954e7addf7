import { escapeMarkup } from '../printing/escape-markup.ts';
import type { AccessGraph, Holder, Permission, ResourceRow } from './access-graph.ts';
import { holderNotes, permissionLabel, permissionNotes } from './labels.ts';
import { type Box, boxHeight, type Layout, layOut, type PlacedLine } from './layout.ts';
import { cellsOf } from './shorten.ts';
import { graphStyle } from './style.ts';

const margin = 24;
const headHeight = 72;
const legendHeight = 44;
const smallestWidth = 640;

/**
 * The picture as one SVG file that needs nothing else: light, or dark where the reader's system is; what is cut short is whole
 * in a title. The same graph gives the same bytes.
 *
 * @param caption  lines about what is drawn, and what is folded
 */
export function renderSvg(graph: AccessGraph, caption: readonly string[]): string {
  const layout = layOut(graph);
  const width = Math.ceil(Math.max(smallestWidth, layout.width + 2 * margin, widestOf(caption) + 2 * margin));
  const height = Math.ceil(layout.height + headHeight + legendHeight + 2 * margin);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="postern-title postern-summary">
<title id="postern-title">Who reaches what</title>
<desc id="postern-summary">${caption.map(escapeMarkup).join('\n')}</desc>
<style>${graphStyle}</style>
<defs><marker id="postern-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8Z"/></marker></defs>
<rect class="page" width="${width}" height="${height}"/>
${renderCaption(caption)}
<g transform="translate(${margin} ${margin + headHeight})">
${[...renderHeads(graph, layout), ...renderBranches(layout), ...renderLines(graph, layout), ...renderBoxes(layout)].join('\n')}
</g>
${renderLegend(height - margin - legendHeight / 2)}
</svg>
`;
}

function renderCaption(caption: readonly string[]): string {
  return caption
    .map((line, i) => {
      const kind = i === 0 ? 'summary' : 'faint';
      return `<text class="${kind}" x="${margin}" y="${margin + 6 + i * 18}">${escapeMarkup(line)}</text>`;
    })
    .join('\n');
}

/** In a proportional font: a generous guess. */
function widestOf(caption: readonly string[]): number {
  return caption.reduce((most, line) => Math.max(most, cellsOf(line) * 8), 0);
}

/** A word above each column: the ranks of groups share one. */
function renderHeads({ holders, permissions }: AccessGraph, { columns }: Layout): string[] {
  const words = columns.map((_, i) => {
    if (i >= columns.length - 2 && permissions.length === 0) return '';
    if (i === columns.length - 1) return 'resources';
    if (i === columns.length - 2) return 'permissions';
    const kinds = new Set(holders.flatMap(({ rank, kind }) => (rank === i ? [kind] : [])));
    return (['subject', 'group', 'role'] as const)
      .flatMap((kind) => (kinds.has(kind) ? [`${kind}s`] : []))
      .join(', ');
  });
  return words.flatMap((word, i) =>
    word === '' || word === words[i - 1]
      ? []
      : [`<text class="columnHead" x="${round(columns[i]!)}" y="-26">${word}</text>`],
  );
}

/** Elbows from each row to its parent, and dots from permissions to the text of the row that they are on. */
function renderBranches({ rows, permissions }: Layout): string[] {
  const elbows = rows.flatMap(({ item, x, y }) => {
    if (item.parent === undefined) return [];
    const parent = rows[item.parent]!;
    return [`M${round(parent.x + 5)} ${round(parent.y + 9)}V${round(y)}H${round(x - 4)}`];
  });
  const dots = permissions.map(({ item, x, y, width }) => {
    const row = rows[item.row]!;
    // The first of a row's permissions stands beside its text; the others are led up to it.
    const up = y > row.y ? `V${round(row.y)}` : '';
    return `M${round(x + width + 3)} ${round(y)}H${round(row.x - 8)}${up}`;
  });
  return [
    ...(elbows.length === 0 ? [] : [`<path class="branch" d="${elbows.join('')}"/>`]),
    ...(dots.length === 0 ? [] : [`<path class="dots" d="${dots.join('')}"/>`]),
  ];
}

function renderLines(graph: AccessGraph, { lines }: Layout): string[] {
  return lines.map((line) => {
    const { kind, from, to } = line;
    const holder = graph.holders[from]!;
    const path = `d="${pathOf(line)}"`;
    if (kind === 'link') {
      const target = graph.holders[to]!;
      const word = target.kind === 'subject' ? 'is one of' : target.kind === 'group' ? 'is in' : 'has role';
      return `<path class="line" marker-end="url(#postern-arrow)" ${path}>${titleOf([`${nameOf(holder)} ${word} ${nameOf(target)}`])}</path>`;
    }
    const permission = graph.permissions[to]!;
    const text = `${nameOf(holder)}: ${permissionLabel(permission)} on ${graph.rows[permission.row]!.text}`;
    return `<path class="line ${permission.effect}" ${path}>${titleOf([text])}</path>`;
  });
}

function nameOf({ label, count, kind }: Holder): string {
  return count === 1 ? label : `${count} ${kind}s`;
}

function pathOf({ stretches }: PlacedLine): string {
  let path = '';
  let before: PlacedLine['stretches'][number] | undefined;
  for (const at of stretches) {
    if (before === undefined) path = `M${round(at.x)} ${round(at.y)}`;
    else {
      const middle = round((before.endX + at.x) / 2);
      path += `C${middle} ${round(before.y)} ${middle} ${round(at.y)} ${round(at.x)} ${round(at.y)}`;
    }
    if (at.endX > at.x) path += `H${round(at.endX)}`;
    before = at;
  }
  return path;
}

function renderBoxes({ holders, permissions, rows }: Layout): string[] {
  return [
    ...holders.map((box) => renderHolder(box)),
    ...permissions.map((box) => renderPermission(box, rows[box.item.row]!.item)),
    ...rows.map(renderRow),
  ];
}

/** Subjects are round, groups have corners, roles have points. */
function renderHolder({ item, label, x, y, width }: Box<Holder>): string {
  const [left, top] = [round(x), round(y - boxHeight / 2)];
  const frame =
    item.kind === 'role'
      ? `<path class="box role" d="M${round(x + 8)} ${top}H${round(x + width - 8)}L${round(x + width)} ${round(y)}L${round(x + width - 8)} ${round(y + boxHeight / 2)}H${round(x + 8)}L${left} ${round(y)}Z"/>`
      : `<rect class="box ${item.kind}" x="${left}" y="${top}" width="${round(width)}" height="${boxHeight}" rx="${item.kind === 'subject' ? 11 : 2}"/>`;
  const faint = item.count === 1 ? '' : ' class="fold"';
  return `<g>${titleOf(holderNotes(item))}${frame}<text${faint} x="${round(x + 10)}" y="${round(y + 4)}">${escapeMarkup(label)}</text></g>`;
}

function renderPermission({ item, label, x, y, width }: Box<Permission>, row: ResourceRow): string {
  const radius = item.effect === 'allow' ? 11 : 0;
  return `<g class="${item.effect}">${titleOf(permissionNotes(item, row))}<rect class="pill" x="${round(x)}" y="${round(y - boxHeight / 2)}" width="${round(width)}" height="${boxHeight}" rx="${radius}"/><text x="${round(x + 10)}" y="${round(y + 4)}">${escapeMarkup(label)}</text></g>`;
}

function renderRow({ item, label, x, y }: Box<ResourceRow>): string {
  const { text, count, isFolded } = item;
  const faint = isFolded ? ' class="fold"' : '';
  const title = titleOf([isFolded ? `${count} beginning with ${text.slice(0, -1)}` : text]);
  return `<g>${title}<text${faint} x="${round(x)}" y="${round(y + 4)}">${escapeMarkup(label)}</text></g>`;
}

function titleOf(lines: readonly string[]): string {
  return `<title>${lines.map(escapeMarkup).join('\n')}</title>`;
}

function renderLegend(y: number): string {
  const items: readonly (readonly [number, string, string])[] = [
    [0, 'allow', 'allows'],
    [110, 'deny', 'denies'],
    [220, '', 'belongs to, or has the role'],
  ];
  const drawn = items.map(([x, kind, text]) => {
    const end = kind === '' ? ' marker-end="url(#postern-arrow)"' : '';
    return `<path class="${`line ${kind}`.trimEnd()}"${end} d="M${margin + x} ${y}h32"/><text class="faint" x="${margin + x + 40}" y="${y + 4}">${text}</text>`;
  });
  return `<g>${drawn.join('')}</g>`;
}

/** Tenths of a pixel: as much as anybody sees, in few bytes. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
