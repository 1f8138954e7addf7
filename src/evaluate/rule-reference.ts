import type { RuleReference } from '../decision/decision.ts';
import { type Image, textAt } from '../image/image.ts';
import {
  NAME_LENGTH,
  NAME_SIZE,
  NAME_TEXT,
  NONE,
  ROLE_FILE,
  ROLE_LENGTH,
  ROLE_LINE,
  ROLE_SIZE,
  ROLE_TEXT,
  RULE_FILE,
  RULE_LENGTH,
  RULE_LINE,
  RULE_ROLE,
  RULE_SIZE,
  RULE_TEXT,
} from '../image/layout.ts';

/** A rule as answers name it (S61), frozen. */
export function referenceTo(image: Image, rule: number): RuleReference {
  const { rules } = image;
  const base = rule * RULE_SIZE;
  const file = fileName(image, rules[base + RULE_FILE]!);
  const line = rules[base + RULE_LINE]!;
  const length = rules[base + RULE_LENGTH]!;
  const id = length === 0 ? `${file}:${line}` : textAt(image, rules[base + RULE_TEXT]!, length);
  const role = rules[base + RULE_ROLE]!;
  return Object.freeze(
    role === NONE ? { id, file, line } : { id, file, line, role: roleReference(image, role) },
  );
}

function roleReference(image: Image, role: number): NonNullable<RuleReference['role']> {
  const { roles } = image;
  const base = role * ROLE_SIZE;
  return Object.freeze({
    name: textAt(image, roles[base + ROLE_TEXT]!, roles[base + ROLE_LENGTH]!),
    file: fileName(image, roles[base + ROLE_FILE]!),
    line: roles[base + ROLE_LINE]!,
  });
}

function fileName(image: Image, file: number): string {
  return textAt(
    image,
    image.files[file * NAME_SIZE + NAME_TEXT]!,
    image.files[file * NAME_SIZE + NAME_LENGTH]!,
  );
}
