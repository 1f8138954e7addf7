import { representatives } from '../analysis/condition-values.ts';
import { truthOf } from '../analysis/evaluate-expression.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { Expression } from '../model/model.ts';
import { printCondition } from '../printing/print-condition.ts';

/** Something that a decision waits for. Facts of equal keys are the same. */
export type Fact =
  | { readonly kind: 'condition'; readonly key: string; readonly condition: Expression }
  /** That patterns with shared variables match with one choice of them (S25). */
  | { readonly kind: 'variables'; readonly key: string; readonly text: string };

/** What has to be true, and what has to be false; what errs is neither (S41). */
export interface Way {
  readonly when: readonly Fact[];
  readonly unless: readonly Fact[];
}

export function isAlways({ when, unless }: Way): boolean {
  return when.length === 0 && unless.length === 0;
}

/**
 * A way in as few and as plain conditions as there are: what has to be false with a `!` has to be true without, both sides of
 * an `&&` have to be true, and both of an `||` have to be false (S44).
 */
export function wayOf(when: readonly Fact[], unless: readonly Fact[]): Way {
  const wanted = new Map<string, Fact>();
  const unwanted = new Map<string, Fact>();
  const add = (fact: Fact, isWanted: boolean): void => {
    const parts = fact.kind === 'condition' ? partsOf(fact.condition, isWanted) : undefined;
    if (parts === undefined) (isWanted ? wanted : unwanted).set(fact.key, fact);
    else for (const each of parts) add(factOf(each.condition), each.isWanted);
  };
  for (const fact of when) add(fact, true);
  for (const fact of unless) add(fact, false);
  return { when: [...wanted.values()], unless: [...unwanted.values()] };
}

/** What has to be so for a condition to be true, or false; undefined where that is the condition itself. */
function partsOf(
  condition: Expression,
  isWanted: boolean,
): readonly { readonly condition: Expression; readonly isWanted: boolean }[] | undefined {
  if (condition.kind === 'not') return [{ condition: condition.operand, isWanted: !isWanted }];
  if (condition.kind !== (isWanted ? 'and' : 'or')) return undefined;
  const { left, right } = condition as Extract<Expression, { kind: 'and' | 'or' }>;
  return [left, right].map((each) => ({ condition: each, isWanted }));
}

export function factOf(condition: Expression): Fact {
  return { kind: 'condition', key: JSON.stringify(condition), condition };
}

/** Whether no request can bring a way about. False where that cannot be told. */
export function isImpossible({ when, unless }: Way): boolean {
  const [wanted, unwanted] = [conditionsOf(when), conditionsOf(unless)];
  if (wanted.length + unwanted.length === 0) return false;
  try {
    for (const surroundings of representatives([...wanted, ...unwanted])) {
      const isMet =
        wanted.every((condition) => truthOf(condition, surroundings) === 'true') &&
        unwanted.every((condition) => truthOf(condition, surroundings) === 'false');
      if (isMet) return false;
    }
    return true;
  } catch (error) {
    if (error instanceof TooComplexError) return false;
    throw error;
  }
}

function conditionsOf(facts: readonly Fact[]): readonly Expression[] {
  return facts.flatMap((fact) => (fact.kind === 'condition' ? [fact.condition] : []));
}

/** `when a && b unless c`, in the words of policies; undefined for always. */
export function printWay({ when, unless }: Way): string | undefined {
  const words = [
    ...(when.length === 0 ? [] : [`when ${printFacts(when, 'and')}`]),
    ...(unless.length === 0 ? [] : [`unless ${printFacts(unless, 'or')}`]),
  ];
  return words.length === 0 ? undefined : words.join(' ');
}

/** One fact: a condition as policies write it, or words. */
export function printFact(fact: Fact): string {
  return fact.kind === 'condition' ? printCondition(fact.condition) : fact.text;
}

/** Several as one. */
export function printFacts(facts: readonly Fact[], join: 'and' | 'or'): string {
  const [first, ...rest] = conditionsOf(facts);
  const whole =
    first === undefined
      ? []
      : [printCondition(rest.reduce<Expression>((left, right) => ({ kind: join, left, right }), first))];
  const words = facts.flatMap((fact) => (fact.kind === 'variables' ? [fact.text] : []));
  return [...whole, ...words].join(` ${join} `);
}
