import { type DescribedSet, describeSet, type SetPart } from '../analysis/described-set.ts';
import { forResource } from '../analysis/for-resource.ts';
import { lettersOfId } from '../analysis/letters.ts';
import { otherSubjects } from '../analysis/other-subjects.ts';
import { ownersOf } from '../analysis/pattern-trie.ts';
import { PolicySide, rootsIn, type SideCell } from '../analysis/policy-side.ts';
import { referenceToRule } from '../analysis/rule-reference.ts';
import { Schema } from '../analysis/schema.ts';
import { type Asker, Subjects } from '../analysis/subjects.ts';
import { TooComplexError } from '../analysis/too-complex.ts';
import type { Reason, RuleReference } from '../decision/decision.ts';
import { isSubject } from '../id/scan.ts';
import type { AttributeRoot, Model, Rule, SubjectPattern } from '../model/model.ts';
import { printElements } from '../printing/print-pattern.ts';
import { printSubject } from '../printing/print-rule.ts';
import { checkQuestion } from './check-question.ts';
import { type Grounds, GroundsFinder } from './grounds.ts';
import { knownSubjects } from './known-subjects.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { type Page, type PageOptions, pageOf } from './page.ts';
import { type Bundle, SubjectBundles } from './subject-bundles.ts';
import { type ListedWay, listWays } from './ways.ts';

export interface WhoCanQuestion extends PageOptions {
  readonly action: string;
  /** Absent: every resource at once (S8). */
  readonly resource?: string | undefined;
  /** Overrides that of the policy set (S35). */
  readonly mode?: string | undefined;
}

/** Askers who are decided alike. */
export interface AllowedSubjects {
  /**
   * As policies write subjects, less exceptions: `anyone` with those who name no subject, `authenticated` without, `group:g`
   * with those to whom the request adds the group (S16).
   */
  readonly subjects: DescribedSet<string>;
  /** One of these has to come about; absent: always. */
  readonly ways?: readonly ListedWay[];
  readonly reasons: readonly Reason[];
  /** That allow it to some of them, or make them superusers. */
  readonly rules: readonly RuleReference[];
}

/** A subject that the policy set names, in the groups that it declares and no others. */
export interface KnownAsker {
  readonly subject: string;
  readonly ways?: readonly ListedWay[];
  readonly reasons: readonly Reason[];
  readonly grounds: readonly Grounds[];
  /** Why it cannot be told whether it is allowed; then there is nothing else. */
  readonly undecided?: string;
}

/** Everybody who may do something: as sets, and the known ones one by one. The latter are paged. */
export interface WhoCan extends Page<KnownAsker> {
  readonly access: readonly AllowedSubjects[];
  /** Who may or may not be allowed: it cannot be told. */
  readonly undecided: readonly { readonly subjects: DescribedSet<string>; readonly reason: string }[];
}

/**
 * Who may do an action on a resource, and when. The sets are complete, whoever asks; the known subjects are every one that the
 * policy set names and that may do it.
 *
 * @throws {RequestError | ConfigurationError} if the question is malformed, or its cursor from elsewhere
 */
export function whoCan(model: Model, question: WhoCanQuestion): WhoCan {
  checkQuestion(model, question);
  const { action, resource, mode } = question;
  const listing = new Listing(model, question);
  const page = pageOf(listing.knownAskers(), question, ['who-can', action, resource ?? null, mode ?? null]);
  const finder = new GroundsFinder(model);
  const items = page.items.map(({ subject, outcome }): KnownAsker => {
    const { reasons, unknown } = outcome;
    if (unknown !== undefined) return { subject, reasons: [], grounds: [], undecided: unknown };
    const ways = listWays(outcome.ways);
    const grounds = finder.groundsOf(subject, listing.rulesBehind([outcome]));
    return { subject, ...(ways === undefined ? {} : { ways }), reasons, grounds };
  });
  return { ...listing.describe(), ...page, items };
}

/** Kinds of askers beyond this are not told apart. */
const MAX_ATOMS = 20_000;

/** Askers of one kind: those of the same bundles. */
interface Atom {
  readonly asker: Asker;
  readonly bundles: readonly number[];
  /** Whether there is but one such subject, so that its id is known. */
  readonly isOne: boolean;
}

class Listing {
  /** Those that can have a part in the answer, in source order. */
  readonly #rules: readonly Rule[];
  readonly #question: WhoCanQuestion;
  readonly #side: PolicySide;
  readonly #cell: SideCell;
  readonly #bundles: SubjectBundles;
  /** Groups with all their members. */
  readonly #subjects: Subjects;
  readonly #known: readonly string[];
  readonly #readsSubjectId: boolean;
  readonly #outcomes = new Map<string, Outcome>();

  constructor(model: Model, question: WhoCanQuestion) {
    const { action, resource } = question;
    this.#question = question;
    const here = forResource(model, resource);
    this.#known = knownSubjects({ ...model, rules: [...model.rules, ...here.rules] });
    this.#subjects = new Subjects(model);
    this.#side = new PolicySide(new Schema(withoutMembers(here)));
    this.#cell = cellAt(this.#side, resource);
    this.#rules = this.#side.rulesFor(this.#cell, action);
    this.#readsSubjectId = this.#rules.some(
      ({ condition }) => condition !== undefined && rootsIn(condition).has('subject.id'),
    );
    this.#bundles = new SubjectBundles(this.#side, this.#rules, { areIdsApart: this.#readsSubjectId });
  }

  /** Those who may be allowed, in the order of their ids. */
  knownAskers(): readonly { readonly subject: string; readonly outcome: Outcome }[] {
    return this.#known.flatMap((subject) => {
      const groups = [...this.#subjects.groupsOf({ subject, groups: [] })];
      const asker: Asker = { subject, groups };
      const outcome = this.#outcomeOf({ asker, bundles: this.#bundles.bundlesOf(asker), isOne: true });
      return outcome.ways.length === 0 && outcome.unknown === undefined ? [] : [{ subject, outcome }];
    });
  }

  /** Rules that allow what is allowed, and those of the same kind: whom they mean is told by their subjects. */
  rulesBehind(outcomes: readonly Outcome[]): readonly Rule[] {
    const allowing = new Set(
      outcomes.flatMap(({ rules }) => rules.flatMap((rule) => this.#bundles.rulesLike(rule))),
    );
    return this.#rules.filter((rule) => allowing.has(rule));
  }

  describe(): Pick<WhoCan, 'access' | 'undecided'> {
    try {
      return this.#describeAtoms(this.#findAtoms());
    } catch (error) {
      if (!(error instanceof TooComplexError)) throw error;
      return {
        access: [],
        undecided: [{ subjects: [{ all: ['anyone'], except: [] }], reason: error.message }],
      };
    }
  }

  #describeAtoms(atoms: readonly Atom[]): Pick<WhoCan, 'access' | 'undecided'> {
    const groups = new Map<string, { readonly outcomes: Outcome[]; readonly atoms: Set<number> }>();
    for (const [place, atom] of atoms.entries()) {
      const outcome = this.#outcomeOf(atom);
      if (outcome.ways.length === 0 && outcome.unknown === undefined) continue;
      const key = outcome.unknown ?? JSON.stringify([listWays(outcome.ways) ?? 'always', outcome.reasons]);
      const group = groups.get(key) ?? { outcomes: [], atoms: new Set() };
      groups.set(key, group);
      group.outcomes.push(outcome);
      group.atoms.add(place);
    }
    const terms = this.#bundles.bundles.map((term, i) => ({
      term,
      atoms: new Set([...atoms.keys()].filter((place) => atoms[place]!.bundles.includes(i))),
    }));
    const access: AllowedSubjects[] = [];
    const undecided: WhoCan['undecided'][number][] = [];
    for (const { outcomes, atoms: meant } of groups.values()) {
      const subjects = describeSet(meant, terms).flatMap(withoutBundles);
      const { unknown, ways } = outcomes[0]!;
      if (unknown !== undefined) undecided.push({ subjects, reason: unknown });
      else access.push({ subjects, ...this.#explain(outcomes, listWays(ways)) });
    }
    return {
      access: access.sort((a, b) => Number(a.ways !== undefined) - Number(b.ways !== undefined)),
      undecided,
    };
  }

  #explain(
    outcomes: readonly Outcome[],
    ways: readonly ListedWay[] | undefined,
  ): Pick<AllowedSubjects, 'ways' | 'reasons' | 'rules'> {
    const reasons = new Set(outcomes.flatMap((each) => each.reasons));
    const references = this.rulesBehind(outcomes).map(referenceToRule);
    return {
      ...(ways === undefined ? {} : { ways }),
      reasons: [...reasons].sort(),
      rules: [...new Map(references.map((each) => [JSON.stringify(each), each])).values()],
    };
  }

  /** @throws {TooComplexError} */
  #findAtoms(): readonly Atom[] {
    const patterns = this.#bundles.bundles.flatMap(({ terms }) => terms);
    const named = new Set(
      patterns.flatMap((each) => (each.kind === 'subject' && isSubject(each.id) ? [each.id] : [])),
    );
    const shapes = patterns.flatMap((each) => {
      if (each.kind === 'group') return this.#side.subjects.membersOf(each.name).patterns;
      return each.kind === 'pattern' ? [each] : [];
    });
    const distinct = new Map(shapes.map((shape) => [shape.text, shape]));
    const subjects = [undefined, ...named, ...otherSubjects([...distinct.values()], named)];
    const addable = this.#bundles.addableGroups();
    const atoms = new Map<string, Atom>();
    const add = (asker: Asker): boolean => {
      const bundles = this.#bundles.bundlesOf(asker);
      const isOne = asker.subject !== undefined && named.has(asker.subject);
      const key = JSON.stringify([bundles, this.#readsSubjectId && isOne ? asker.subject : '']);
      if (atoms.has(key)) return false;
      if (atoms.size >= MAX_ATOMS) throw new TooComplexError('too many subjects beside one another');
      atoms.set(key, { asker, bundles, isOne });
      return true;
    };
    for (const subject of subjects) {
      const alone: Asker = { ...(subject === undefined ? {} : { subject }), groups: [] };
      let added = [alone].filter(add);
      // One group more at a time, as long as that brings something new.
      while (added.length > 0 && subject !== undefined) {
        added = added.flatMap(({ groups }) =>
          addable
            .filter((name) => !groups.includes(name))
            .map((name): Asker => ({ subject, groups: [...groups, name] }))
            .filter(add),
        );
      }
    }
    return [...atoms.values()];
  }

  #outcomeOf({ asker, bundles, isOne }: Atom): Outcome {
    const { subject } = asker;
    const key = JSON.stringify([bundles, this.#readsSubjectId && isOne ? subject : '']);
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      const { action, resource, mode } = this.#question;
      const ids = new Map<AttributeRoot, string | undefined>([['resource', resource]]);
      if (isOne || subject === undefined) ids.set('subject', subject);
      const known = { ids, groups: this.#side.subjects.groupsOf(asker) };
      outcome = outcomeOf({ side: this.#side, cell: this.#cell, action, asker, mode, known });
      this.#outcomes.set(key, outcome);
    }
    return outcome;
  }
}

function cellAt(side: PolicySide, resource: string | undefined): SideCell {
  if (resource === undefined) return side.cellOfNothing();
  const letters = lettersOfId(resource);
  return side.cellOf(letters[0]!, ownersOf(side.trie, letters), ownersOf(side.schema.templateTrie, letters));
}

/**
 * Groups without the members that stand there by their ids, unless a rule names them too: who is in a group is then told by
 * the groups of the asker alone, and a subject that stands for many is in none by chance.
 */
function withoutMembers(model: Model): Model {
  const named = new Set(
    model.rules.flatMap(({ subjects }) =>
      subjects.flatMap((each) => (each.kind === 'subject' ? [each.id] : [])),
    ),
  );
  const groups = model.groups.map((group) => ({
    ...group,
    members: group.members.filter((each) => each.kind !== 'subject' || named.has(each.id)),
  }));
  return { ...model, groups };
}

/** What is in one of several terms is said of each by itself. */
function withoutBundles({ all, except }: SetPart<Bundle>): readonly SetPart<string>[] {
  const exceptions = except.flatMap(withoutBundles);
  const choices = all.reduce<readonly (readonly string[])[]>(
    (found, { terms }) => found.flatMap((before) => terms.map((term) => [...before, textOf(term)])),
    [[]],
  );
  return choices.map((terms) => ({ all: terms, except: exceptions }));
}

function textOf(subject: SubjectPattern): string {
  return subject.kind === 'pattern' ? printElements(subject.elements) : printSubject(subject);
}
