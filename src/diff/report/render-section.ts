import { escapeMarkup } from '../../printing/escape-markup.ts';
import type { ChangeRow, SubjectSection } from '../group-changes.ts';
import { type PlaceOptions, type ReportItem, renderPlace } from './render-places.ts';

export interface SectionWords {
  /** Of the element, for its looks and for links. */
  readonly name: 'gained' | 'lost' | 'undecided';
  readonly title: string;
  readonly explanation: string;
}

/** As many changes as are shown unfolded from the start. */
const fewEnough = 30;

/** Changes by subject, and beneath each the resources as trees that open and close. Nothing for no changes. */
export function renderSection(
  { name, title, explanation }: SectionWords,
  sections: readonly SubjectSection<ReportItem>[],
  options: PlaceOptions,
): string {
  const total = sections.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return '';
  const subjects = sections.map((section) => renderSubject(section, total <= fewEnough, options));
  return `<section class="${name}" id="${name}">
<h2>${title}: ${total.toLocaleString('en')}</h2>
<p class="dim">${explanation}</p>
${subjects.join('\n')}
</section>
`;
}

function renderSubject(
  { subjects, rows, withoutResource, count }: SubjectSection<ReportItem>,
  isOpen: boolean,
  options: PlaceOptions,
): string {
  const word = count === 1 ? '1 change' : `${count.toLocaleString('en')} changes`;
  return `<details class="subject"${isOpen ? ' open' : ''}><summary><code>${escapeMarkup(subjects)}</code> <span class="count">${word}</span></summary>
${renderWithoutResource(withoutResource, options)}${renderRows(rows, count <= fewEnough, options)}</details>`;
}

/** Requests about every resource at once stand before the trees. */
function renderWithoutResource(items: readonly ReportItem[], options: PlaceOptions): string {
  if (items.length === 0) return '';
  const places = items.map((item) => renderPlace({ item, limits: '', isFirst: true }, '', options));
  return `<details class="branch" open><summary>every resource at once <span class="count">requests that name none</span></summary>
${places.join('\n')}
</details>
`;
}

/** Each row holds what is beneath it: closed when a row comes that is no deeper. */
function renderRows(rows: readonly ChangeRow<ReportItem>[], isOpen: boolean, options: PlaceOptions): string {
  let html = '';
  let depth = 0;
  for (const row of rows) {
    for (; depth > row.depth; depth--) html += '</details>\n';
    const places = row.places.map((place) => renderPlace(place, row.text, options));
    html += `<details class="branch"${isOpen || row.depth === 0 ? ' open' : ''}><summary title="${escapeMarkup(row.text)}"><code>${escapeMarkup(row.label)}</code></summary>
${places.join('\n')}
`;
    depth = row.depth + 1;
  }
  return html + '</details>\n'.repeat(depth);
}
