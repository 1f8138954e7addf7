import { MaskedText } from './placeholders.ts';

/** The alphabet of user ids (IAM API of DC/OS, 4); that of group ids is not stated, and this one fits all that were seen. */
const idPattern = /^[A-Za-z0-9_@.\-\ue000-\uf8ff]{1,96}$/;

/** What is wrong with a uid or gid, as the rest of a sentence; placeholders in it are taken for letters. */
export function findPrincipalFault(principal: string): string | undefined {
  if (principal === 'anonymous') return 'is reserved';
  if (principal.length > 96 && !/[<$%{`]/.test(principal)) return 'is longer than 96 characters';
  if (idPattern.test(new MaskedText(principal).text)) return undefined;
  return 'is no id: letters, digits, `-`, `_`, `@` and `.` make one';
}
