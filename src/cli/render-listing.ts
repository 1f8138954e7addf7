import { escapeText } from '../files/quote.ts';
import type { Decision, RuleReference } from '../index.ts';
import type { AllowedAccess, ListedWay } from '../listing.ts';
import { renderRule } from './render-decision.ts';

const rulesShown = 12;

/** `by prod.acl:17, prod.acl:20`: why something is allowed. */
export function renderGrounds(
  reasons: readonly Decision['reason'][],
  rules: readonly RuleReference[],
  mode: string | undefined,
): readonly string[] {
  const all = renderRules(rules);
  const more = all.length - rulesShown;
  const names = [
    ...all.slice(0, rulesShown),
    ...(more > 0 ? [`${more} more (--format json names them)`] : []),
  ];
  const isSuperuser = reasons.includes('superuser');
  const others = [
    ...(isSuperuser ? [reasons.includes('rule') ? 'in part as superuser' : 'as superuser'] : []),
    ...(reasons.includes('not-enforced')
      ? [`not enforced${mode === undefined ? '' : ` in mode ${escapeText(mode)}`}`]
      : []),
    ...(reasons.includes('ruleset-default') ? ['by the default of a ruleset'] : []),
  ];
  const lines = wrapTexts(withCommas(names)).map((line, i) => (i === 0 ? `by ${line}` : `   ${line}`));
  return [...lines, ...others];
}

/** Rules that one grant made of a role stand together: `prod.acl:9 by role tenant at prod.acl:3, 4, 5`. */
function renderRules(rules: readonly RuleReference[]): readonly string[] {
  const texts = new Map<string, string>();
  for (const { role, ...grant } of rules) {
    const key = JSON.stringify([grant, role?.name, role?.file]);
    const before = texts.get(key);
    const isMore = before !== undefined && role !== undefined;
    texts.set(
      key,
      isMore ? `${before}, ${role.line}` : renderRule(role === undefined ? grant : { ...grant, role }),
    );
  }
  return [...texts.values()];
}

/** `when …`, `unless …` for each thing that must not be, and `or` before a further way; nothing for always. */
export function renderWays(ways: readonly ListedWay[] | undefined): readonly string[] {
  return (ways ?? []).flatMap((way, i) => {
    const lines = linesOfWay(way);
    if (i === 0) return lines;
    return lines.map((line, at) => (at === 0 ? `or ${line}` : `   ${line}`));
  });
}

function linesOfWay({ whenText, unless }: ListedWay): readonly string[] {
  const when = whenText === undefined ? [] : [`when ${escapeText(whenText)}`];
  return [...when, ...unless.map((text) => `unless ${escapeText(text)}`)];
}

export function renderActions(
  { actions, isAnyOtherAction }: Pick<AllowedAccess, 'actions' | 'isAnyOtherAction'>,
  named: readonly string[],
): string {
  if (!isAnyOtherAction) return actions.map(escapeText).join(', ');
  if (actions.length === named.length) return 'any action';
  const excepted = named.filter((action) => !actions.includes(action));
  return `any action except ${excepted.map(escapeText).join(', ')}`;
}

const columns = 100;

/** Texts beside one another, in lines of no more than so many columns. */
export function wrapTexts(texts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + text.length < columns)
      lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines;
}

/** The same texts with commas between them. */
export function withCommas(texts: readonly string[]): readonly string[] {
  return texts.map((text, i) => (i < texts.length - 1 ? `${text},` : text));
}

export function indentLines(lines: readonly string[], width: number): string {
  return lines.map((line) => `${' '.repeat(width)}${line}\n`).join('');
}

/** How to see what follows. */
export function renderRest(shown: number, total: number, next: string | undefined): string {
  return next === undefined ? '' : `${shown} of ${total}; those that follow: --cursor ${next}\n`;
}
