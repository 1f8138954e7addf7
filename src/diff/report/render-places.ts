import { escapeMarkup } from '../../printing/escape-markup.ts';
import { checkCommand } from '../check-command.ts';
import { describeActions, describeModes, describeRules, describeTruths } from '../describe-change.ts';
import type { ChangePlace } from '../group-changes.ts';
import type { AccessChange, ChangeCondition, Requests, UndecidedPart } from '../policy-difference.ts';

export type ReportItem = AccessChange | UndecidedPart;

export interface PlaceOptions {
  /** The number of each change on the page, for links. */
  readonly numberOf: (item: ReportItem) => number;
  /** What stands behind `-p` in commands. */
  readonly policies: readonly string[];
  /** Modes that were compared. */
  readonly modes: readonly string[];
}

/** One place of a change: in full, or with a link to where it is told in full. */
export function renderPlace(
  { item, limits, isFirst }: ChangePlace<ReportItem>,
  resource: string,
  options: PlaceOptions,
): string {
  const number = options.numberOf(item);
  const anchor = isFirst ? ` id="change-${number}"` : '';
  const where = limits === '' ? '' : ` <code>${escapeMarkup(limits.trim())}</code>`;
  const head = `<p><span class="what">${escapeMarkup(describeActions(item))}</span>${where}</p>`;
  const body = isFirst
    ? renderBody(item, options)
    : `<p class="dim">the same change as <a href="#change-${number}">number ${number}</a></p>`;
  return `<div class="change"${anchor} data-resource="${escapeMarkup(resource)}">${head}${body}</div>`;
}

function renderBody(item: ReportItem, options: PlaceOptions): string {
  if ('reason' in item) return `<p>Undecided: ${escapeMarkup(item.reason)}.</p>`;
  const { condition, modes, witness, rules } = item;
  const conditions = condition === undefined ? '' : renderCondition(condition);
  const inModes = modes === undefined ? '' : `<p>${escapeMarkup(describeModes(modes, options.modes))}.</p>`;
  const command = escapeMarkup(checkCommand(witness, options.policies));
  const references = describeRules(rules).map((rule) => `<li><code>${escapeMarkup(rule)}</code></li>`);
  const list =
    references.length === 0
      ? ''
      : `<p class="dim">Changed rules that speak of it:</p><ul class="rules">${references.join('')}</ul>`;
  return `${conditions}${inModes}<details><summary class="dim">number ${options.numberOf(item)}: a request, and the rules behind it${elsewhere(item)}</summary><p class="dim">Was ${witness.before}, is ${witness.after}:</p><code class="command">${command}</code>${list}</details>`;
}

function elsewhere({ resources, isWithoutResource }: Requests): string {
  const others = resources.length - (isWithoutResource ? 0 : 1);
  if (others < 1) return '';
  return others === 1 ? ' (1 more place)' : ` (${others} more places)`;
}

function renderCondition(condition: ChangeCondition): string {
  const ways = condition.map((states) =>
    states
      .map((state) => {
        const words = escapeMarkup(describeTruths(state));
        const text = `<code>${escapeMarkup(state.text)}</code>`;
        return state.kind === 'condition' ? `${text} ${words}` : `agreeing variables of ${text}: ${words}`;
      })
      .join(' and '),
  );
  return ways.length === 1
    ? `<p>When ${ways[0]}.</p>`
    : `<p>When one of these is so:</p><ul class="rules">${ways.map((way) => `<li>${way}</li>`).join('')}</ul>`;
}
