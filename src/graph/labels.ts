import type { Rule } from '../model/model.ts';
import { printAction, printRule } from '../printing/print-rule.ts';
import type { Holder, Permission, ResourceRow } from './access-graph.ts';

const actionsShown = 4;
const linesShown = 12;

/** `allow create, read when …`: the effect as a word first, since colour alone tells nobody enough. */
export function permissionLabel(permission: Permission): string {
  const { effect, condition, ruleset, isDefault } = permission;
  const when = condition === undefined ? '' : ` ${condition}`;
  const where = ruleset === undefined ? '' : isDefault ? ` by default of ${ruleset}` : ` in ${ruleset}`;
  return `${effect} ${actionsOf(permission)}${where}${when}`;
}

function actionsOf({ actions }: Permission): string {
  const shown = actions
    .slice(0, actionsShown)
    .map((action) => (action === 'any action' ? action : printAction(action)));
  const more = actions.length - shown.length;
  return more === 0 ? shown.join(', ') : `${shown.join(', ')} + ${more} more`;
}

/** Everything that the label may have left out, line by line. */
export function permissionNotes(permission: Permission, row: ResourceRow): readonly string[] {
  const { effect, actions, condition, isDefault, ruleset, rules } = permission;
  const head = `${effect} ${actions.join(', ')} on ${row.text}`;
  const terms = condition === undefined ? '' : ` ${condition}`;
  if (isDefault) return [`${head}${terms}`, `where no rule of ruleset ${ruleset} decides`];
  return limitLines([`${head}${terms}`, ...rules.map(describeRule)]);
}

/** `policy.acl:17 (id), by role tenant at roles.acl:4: allow …`. */
function describeRule(rule: Rule): string {
  const { id, location, line, role } = rule;
  const name = id === undefined ? '' : ` (${id})`;
  const origin = role === undefined ? '' : ` by role ${role.name} at ${role.location.file}:${role.line}`;
  return `${location.file}:${line}${name}${origin}: ${printRule(rule)}`;
}

export function holderLabel({ kind, label, count }: Holder): string {
  return count === 1 ? label : `+ ${count} ${kind}s`;
}

export function holderNotes({ kind, label, notes, count }: Holder): readonly string[] {
  return limitLines([
    count === 1 ? `${kind === 'role' ? 'role ' : ''}${label}` : `${count} ${kind}s`,
    ...notes,
  ]);
}

export function rowLabel({ label, count, isFolded }: ResourceRow): string {
  return isFolded ? `+ ${count} more` : label;
}

function limitLines(lines: readonly string[]): readonly string[] {
  if (lines.length <= linesShown) return lines;
  return [...lines.slice(0, linesShown), `and ${lines.length - linesShown} more`];
}
