import type { Source } from '../src/index.ts';

/** Marsaglia's xorshift: the same numbers on every machine for the same seed. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Rules and requests of one size, in the manner of a large cluster. */
export interface Workload {
  readonly sources: readonly Source[];
  readonly requests: readonly (readonly [subject: string, action: string, resource: string])[];
}

const RULES_A_FILE = 100_000;
const ACTIONS = ['create', 'read', 'update', 'delete', 'full'];

/**
 * `ruleCount` rules: ten for each subject, on services two to five segments beneath a team, each service named by about
 * five rules, every twentieth rule a deny, every tenth on what is directly and every tenth on all that is beneath; subjects are in one group of ten each. Half of the requests are for what the subject has a rule
 * on, half for what another has.
 */
export function createWorkload(ruleCount: number, requestCount: number, seed = 1): Workload {
  const random = createRandom(seed);
  const subjectCount = Math.max(1, Math.floor(ruleCount / 10));
  const resourceOf = (index: number): string => {
    const depth = 2 + (index % 4);
    const path = Array.from(
      { length: depth },
      (_, level) => `s${(index * 7919 + level * 104_729) % (20 * (level + 1))}`,
    );
    return `dcos:service:marathon:marathon:services:/team-${index % Math.max(1, subjectCount >> 3)}/${path.join('/')}`;
  };
  const targets = Array.from({ length: ruleCount }, () => resourceOf(random(Math.ceil(ruleCount / 5))));
  const sources: Source[] = [];
  let lines: string[] = [];
  for (let rule = 0; rule < ruleCount; rule++) {
    const effect = rule % 20 === 19 ? 'deny' : 'allow';
    const pattern =
      rule % 10 === 7 ? `${targets[rule]}/*` : rule % 10 === 3 ? `${targets[rule]}/**` : targets[rule];
    lines.push(`${effect} user:u${rule % subjectCount} to ${ACTIONS[rule % 5]} on ${pattern}`);
    if (lines.length === RULES_A_FILE || rule === ruleCount - 1) {
      sources.push({
        file: `rules-${String(sources.length).padStart(3, '0')}.acl`,
        text: `${lines.join('\n')}\n`,
      });
      lines = [];
    }
  }
  sources.push({ file: 'groups.acl', text: groupsOf(subjectCount) });
  const requests = Array.from({ length: requestCount }, (_, i) => {
    const rule = random(ruleCount);
    const subject = i % 2 === 0 ? rule % subjectCount : random(subjectCount);
    const suffix = rule % 10 === 7 || rule % 10 === 3 ? '/x' : '';
    return [fresh(`user:u${subject}`), ACTIONS[rule % 5]!, fresh(`${targets[rule]}${suffix}`)] as const;
  });
  return { sources, requests };
}

/** A string of its own, as it comes off a wire: not shared with a rule or another request, never hashed before. */
function fresh(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function groupsOf(subjectCount: number): string {
  let text = '';
  for (let first = 0; first < subjectCount; first += 10) {
    const members = Array.from(
      { length: Math.min(10, subjectCount - first) },
      (_, i) => `user:u${first + i}`,
    );
    text += `group g${first / 10} { ${members.join(', ')} }\n`;
  }
  return text;
}
