import { agreementLaws } from './agreement-laws.ts';
import { decisionLaws } from './decision-laws.ts';
import { doorLaws } from './door-laws.ts';
import type { Law } from './law.ts';
import { printingLaws } from './printing-laws.ts';

/** The laws of QUALITY, in the order of their numbers. */
export const laws: readonly Law[] = [...decisionLaws, ...agreementLaws, ...printingLaws, ...doorLaws].sort(
  (a, b) => Number.parseInt(a.name, 10) - Number.parseInt(b.name, 10),
);
