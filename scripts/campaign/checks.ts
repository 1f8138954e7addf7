import { laws } from '../../test/support/laws/laws.ts';
import { answersCheck } from './answers-check.ts';
import type { Check } from './check.ts';
import { diffCheck } from './diff-check.ts';
import { lawCheck } from './law-check.ts';
import { lintCheck } from './lint-check.ts';
import { liveCheck } from './live-check.ts';
import { mesosCheck, mesosRoundTripCheck } from './mesos-checks.ts';
import { whyCheck } from './why-check.ts';

/** The laws of QUALITY: what a campaign looks at if nothing else is asked for. */
export const lawChecks: readonly Check[] = laws.map(lawCheck);

/** What commands promise about policies, beside them. */
export const otherChecks: readonly Check[] = [
  answersCheck,
  diffCheck,
  lintCheck,
  liveCheck,
  mesosCheck,
  mesosRoundTripCheck,
  whyCheck,
];

const checks = [...lawChecks, ...otherChecks];

/** Those of a name, or all parts of a law: `12` is `12-service` too. Empty if there is none. */
export function checksNamed(name: string): readonly Check[] {
  return checks.filter((check) => check.name === name || check.name.startsWith(`${name}-`));
}

/** The one of exactly that name. */
export function checkNamed(name: string): Check {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`no check ${name}`);
  return found;
}
