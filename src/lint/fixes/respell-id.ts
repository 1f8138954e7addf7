import type { Fix } from '../../diagnostics/diagnostic.ts';
import { printPattern } from '../../syntax/print-text.ts';
import { plainTextOf, type RulePlace } from '../facts/rule-places.ts';

/** An id as a policy writes it: in quotes where it needs them. */
export function printId(id: string): string {
  const span = { start: 0, end: 0 };
  return printPattern({ kind: 'pattern', span, parts: [{ kind: 'text', text: id, isQuoted: false, span }] });
}

/** Writes another id in the place of one that stands there by itself. */
export function respelling(place: RulePlace, id: string, instead: string): { readonly fix: Fix } | undefined {
  const { permission, resource } = place;
  if (permission === undefined || plainTextOf(permission.resource) !== id) return undefined;
  return { fix: { safety: 'review', edits: [{ span: resource, newText: printId(instead) }] } };
}
