import type { RuleReference } from '../decision/decision.ts';
import { type Image, namedText } from '../image/image.ts';
import {
  NAME_SIZE,
  NONE,
  ROLE_SIZE,
  RULE_FILE,
  RULE_LINE,
  RULE_ROLE,
  RULE_SIZE,
  RULE_TEXT,
} from '../image/layout.ts';
import type { Overlay } from './overlay.ts';

/** A rule as answers name it (S61), frozen; those behind the rules of the image are the overlay's. */
export function referenceTo(image: Image, rule: number, overlay?: Overlay): RuleReference {
  const { rules, roles } = image;
  const base = rule * RULE_SIZE;
  if (base >= rules.length) return overlay!.name(rule);
  const { name, file, line } = writtenAt(image, rules, base);
  const id = name || `${file}:${line}`;
  const role = rules[base + RULE_ROLE]!;
  return Object.freeze(
    role === NONE ? { id, file, line } : { id, file, line, role: writtenAt(image, roles, role * ROLE_SIZE) },
  );
}

/** What a row of a rule and one of a role begin with. */
function writtenAt(image: Image, rows: Int32Array, base: number): NonNullable<RuleReference['role']> {
  return Object.freeze({
    name: namedText(image, rows, base + RULE_TEXT),
    file: namedText(image, image.files, rows[base + RULE_FILE]! * NAME_SIZE),
    line: rows[base + RULE_LINE]!,
  });
}
