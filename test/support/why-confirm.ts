import type { Request } from '../../src/decision/request.ts';
import { build } from '../../src/index.ts';
import { createReference } from '../../src/reference/reference.ts';
import { explainWhy } from '../../src/why.ts';
import type { Random } from './generators-random.ts';
import { buildLines, faultsOfSuggestions, type LinePolicy } from './judge-why.ts';
import {
  everyRequest,
  generateSmallPolicy,
  type SmallWorldOptions,
  writeSmallPolicy,
} from './small-world.ts';

/** Holds what `explainWhy` suggests for denied requests of small policies against the policies with the edits made. */

/** Small worlds, by what is in them. */
export const whyWorlds: Readonly<Record<string, SmallWorldOptions>> = {
  'plain rules': {},
  namespaces: { namespaces: true },
  rulesets: { rulesets: true },
  conditions: { conditions: 0.4, rules: 4 },
  variables: { variables: 0.4 },
  everything: { namespaces: true, rulesets: true, conditions: 0.3, variables: 0.2 },
};

const MAX_SUGGESTIONS = 30;
/** Of so many requests those that are denied are looked for. */
const ASKED = 400;

export interface WhyConfirmation {
  policies: number;
  denials: number;
  suggestions: number;
  /** Denials for which nothing is suggested. */
  withoutSuggestion: number;
  /** Suggestions of which it is not known what they open, or of which only a part is. */
  unknown: number;
  undecided: number;
  /** By the edits of a suggestion. */
  readonly kinds: Map<string, number>;
  readonly failures: string[];
}

export function emptyWhyConfirmation(): WhyConfirmation {
  return {
    policies: 0,
    denials: 0,
    suggestions: 0,
    withoutSuggestion: 0,
    unknown: 0,
    undecided: 0,
    kinds: new Map(),
    failures: [],
  };
}

export interface WhyWorld {
  readonly options: SmallWorldOptions;
  readonly everything: readonly Request[];
  /** With short ids over names that policies have: those that people ask about. */
  readonly near: readonly Request[];
}

export function whyWorldOf(options: SmallWorldOptions): WhyWorld {
  return { options, ...(options.conditions === undefined ? unconditional() : conditional()) };
}

type Asked = Pick<WhyWorld, 'everything' | 'near'>;
const unconditional = once(() => askedIn({}));
const conditional = once(() => askedIn({ conditions: 1 }));

/** There are many, and conditions alone make a difference to them. */
function once(make: () => Asked): () => Asked {
  let made: Asked | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function askedIn(options: SmallWorldOptions): Asked {
  const everything = [...everyRequest(options)];
  const near = everything.filter(
    ({ subject, action, resource = '' }) =>
      action !== 'other' && resource.length <= 4 && !`${subject} ${resource}`.includes('x'),
  );
  return { everything, near };
}

/** The next policy that is valid. */
export function nextLinePolicy(random: Random, options: SmallWorldOptions): LinePolicy {
  for (;;) {
    const text = writeSmallPolicy(generateSmallPolicy(random, options));
    if (build([{ file: 'a.acl', text }]).ok) return { file: 'a.acl', text };
  }
}

/**
 * Has some denials of the next policy explained, and the suggestions judged.
 *
 * @param sample  so many requests are asked before and after each suggestion
 */
export function confirmSuggestions(
  { options, everything, near }: WhyWorld,
  random: Random,
  { denials, sample, known }: ConfirmOptions,
): void {
  const policy = nextLinePolicy(random, options);
  const { model } = buildLines(policy);
  const { decide } = createReference(model);
  known.policies++;
  const asked = random.chance(0.8) ? near : everything;
  const denied = random
    .times(ASKED, () => random.pick(asked))
    .filter((each) => decide(each).decision === 'deny');
  for (const request of denied.slice(0, denials)) {
    const why = explainWhy(model, request, { textOf: () => policy.text, limit: MAX_SUGGESTIONS });
    known.denials++;
    known.suggestions += why.suggestions.length;
    if (why.suggestions.length === 0) known.withoutSuggestion++;
    for (const { edits, opens } of why.suggestions) {
      const kind = edits.map((edit) => edit.kind).join(' + ');
      known.kinds.set(kind, (known.kinds.get(kind) ?? 0) + 1);
      if (opens.unknown !== undefined) known.unknown++;
      if (opens.undecided.length > 0) known.undecided++;
    }
    const others = random.times(sample, () => random.pick(everything));
    const faults = faultsOfSuggestions(policy, request, why, others);
    if (faults.length > 0) known.failures.push([...faults, policy.text, JSON.stringify(request)].join('\n'));
  }
}

interface ConfirmOptions {
  readonly denials: number;
  readonly sample: number;
  readonly known: WhyConfirmation;
}
