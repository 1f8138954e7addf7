import type { RuleReference } from '../decision/decision.ts';
import { Locator, type TextOf } from '../diagnostics/locate.ts';
import type { Location } from '../source/span.ts';

/** Policies that come with the product have tests of their own. */
export function isShipped({ location }: { readonly location: Location }): boolean {
  return location.file.startsWith('postern:');
}

/** A group, ruleset or namespace by its name and place. */
export function referenceToNamed(
  { name, location }: { readonly name: string; readonly location: Location },
  textOf: TextOf,
): RuleReference {
  const { line } = new Locator(textOf).place(location.file, location.span.start);
  return { id: name, file: location.file, line };
}

/** The same for all rules that answers cannot tell apart. */
export function keyOfRule({ id, file, line, role }: RuleReference): string {
  return JSON.stringify([id, file, line, role?.file, role?.line]);
}
