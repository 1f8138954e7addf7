import { escapeMarkup } from '../../printing/escape-markup.ts';
import { groupChanges, inOrder } from '../group-changes.ts';
import type { PolicyDifference } from '../policy-difference.ts';
import { shortenedNote, showSubjects } from '../shown-subjects.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import type { ReportItem } from './render-places.ts';
import { renderSection } from './render-section.ts';
import type { ReportSide } from './report-side.ts';

/** SHA-256 of the style and of the script, in base64: the page allows these two and nothing else. A test holds them to the texts. */
export const styleHash = 'n831k7CMe75osxv8j54T1IhDC8Qax6v8b/01bw65PUg=';
export const scriptHash = '1N4zRka7i6TxSmJPtp0q3tXvBN+C1tctpw0b7NoAW7s=';

export interface DifferenceReportOptions {
  readonly before: ReportSide;
  readonly after: ReportSide;
}

/**
 * What two policy sets decide otherwise, as one HTML page that needs nothing else: no script to open and close it, no font, no
 * picture from anywhere. Texts of policies stay texts, and the page's own policy forbids it to load or run anything.
 */
export function renderDifferenceHtml(
  difference: PolicyDifference,
  { before, after }: DifferenceReportOptions,
): string {
  const { gained, lost, undecided } = difference;
  const sections = {
    gained: groupChanges(gained),
    lost: groupChanges(lost),
    undecided: groupChanges(undecided),
  };
  const numbers = new Map<ReportItem, number>();
  for (const item of Object.values(sections).flatMap((each) => inOrder<ReportItem>(each)))
    numbers.set(item, numbers.size + 1);
  const options = {
    numberOf: (item: ReportItem) => numbers.get(item)!,
    policies: after.policies.length > 0 ? after.policies : before.policies,
    modes: difference.modes,
  };
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Access gained and lost: ${escapeMarkup(before.name)} → ${escapeMarkup(after.name)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>Access gained and lost</h1>
<dl>
${renderSide('before', before)}
${renderSide('after', after)}
</dl>
<p>${verdictOf(difference)}</p>
${renderCounts(difference)}
<div class="tools" hidden><label>Filter <input type="search" autocomplete="off" placeholder="words: a subject, a resource, a file…"></label><button type="button" name="open">Open all</button><button type="button" name="close">Close all</button><output aria-live="polite"></output></div>
${renderSection(
  { name: 'gained', title: '+ Gained', explanation: 'Denied before, allowed after.' },
  sections.gained,
  options,
)}${renderSection(
  { name: 'lost', title: '− Lost', explanation: 'Allowed before, denied after.' },
  sections.lost,
  options,
)}${renderSection(
  {
    name: 'undecided',
    title: '? Undecided',
    explanation: 'Nothing is claimed about these requests: they may be decided otherwise, or not.',
  },
  sections.undecided,
  options,
)}${renderNote(difference)}</main>
<script>${pageScript}</script>
</body>
</html>
`;
}

function renderNote({ gained, lost, undecided }: PolicyDifference): string {
  const isShortened = [...gained, ...lost, ...undecided].some((each) => showSubjects(each).isShortened);
  return isShortened ? `<p class="dim">${escapeMarkup(shortenedNote)}</p>\n` : '';
}

function renderSide(label: string, { name, revision, policies }: ReportSide): string {
  const hash =
    revision === undefined
      ? ''
      : `<br><span class="dim">revision <code>${escapeMarkup(revision)}</code></span>`;
  const named = policies.length === 0 || (policies.length === 1 && policies[0] === name);
  const files = named
    ? ''
    : `<br><span class="dim">${policies.map((each) => `<code>${escapeMarkup(each)}</code>`).join(', ')}</span>`;
  return `<dt>${label}</dt><dd><code>${escapeMarkup(name)}</code>${hash}${files}</dd>`;
}

function verdictOf({ kind, undecided }: PolicyDifference): string {
  switch (kind) {
    case 'equal':
      return 'Both decide every request alike.';
    case 'unknown':
      return 'No difference is known, but not every request could be decided.';
    case 'different':
      return undecided.length === 0
        ? 'These are all the requests that are decided otherwise.'
        : 'Beside these, there may be differences among the undecided.';
  }
}

function renderCounts({ gained, lost, undecided }: PolicyDifference): string {
  const counts = [
    ['gained', '+', gained.length],
    ['lost', '−', lost.length],
    ['undecided', '?', undecided.length],
  ] as const;
  const items = counts.map(([name, sign, count]) => {
    const words = `<b>${sign} ${count.toLocaleString('en')}</b>${name}`;
    return `<li class="${name}"><a${count === 0 ? '' : ` href="#${name}"`}>${words}</a></li>`;
  });
  return `<ul class="counts">${items.join('')}</ul>`;
}
