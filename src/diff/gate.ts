import type { PolicyDifference } from './policy-difference.ts';

/** What a change must not do. */
export const gates = ['no-new-access', 'no-lost-access', 'no-change'] as const;
export type Gate = (typeof gates)[number];

/** Whether nothing is there that the gate is against. What is undecided may be anything: no gate lets it through. */
export function isHeld(gate: Gate, { gained, lost, undecided }: PolicyDifference): boolean {
  if (undecided.length > 0) return false;
  const isGained = gained.length > 0 && gate !== 'no-lost-access';
  const isLost = lost.length > 0 && gate !== 'no-new-access';
  return !isGained && !isLost;
}
