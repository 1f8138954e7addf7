import { nearestName } from '../../diagnostics/nearest.ts';
import type { SubjectPattern } from '../../model/model.ts';
import type { Location } from '../../source/span.ts';
import type { SubjectNode } from '../../syntax/ast.ts';
import { RulePlaces, spanOfSubject, subjectNodeOf } from '../facts/rule-places.ts';
import { printId } from '../fixes/respell-id.ts';
import { componentAccounts } from '../knowledge/dcos.ts';
import { reportOnce } from '../report-once.ts';
import { defineRule, type PolicyContext, type Reported } from '../rule.ts';
import type { LintSettings } from '../settings.ts';

/** Comparing a name with every name of a large directory is for the first few findings alone. */
const maxComparisons = 2_000_000;

export const undefinedSubject = defineRule({
  id: 'undefined-subject',
  summary: 'a user, service account or group that does not exist',
  category: 'correctness',
  presets: { recommended: 'warning', dcos: 'warning', mesos: 'warning' },
  codes: ['P1002'],
  check: {
    of: 'policy',
    run(context) {
      const report = reportOnce(context);
      const { directory } = context.settings;
      const known = directory === undefined ? new ComponentAccounts(context) : new DirectoryNames(directory);
      for (const { node, subject, location } of namedSubjects(context)) {
        const finding = known.judge(subject);
        if (finding === undefined) continue;
        const id = subject.kind === 'group' ? `group:${subject.name}` : subject.id;
        report({ ...location, ...describe(id, finding, node) });
      }
    },
  },
});

type Named = Extract<SubjectPattern, { kind: 'subject' | 'group' }>;

interface NamedSubject {
  readonly subject: Named;
  readonly location: Location;
  /** Absent where braces hold the name. */
  readonly node: SubjectNode | undefined;
}

/** Everybody whom rules, grants and groups name. */
function* namedSubjects(context: PolicyContext): Iterable<NamedSubject> {
  const places = new RulePlaces(context);
  const seen = new Map<readonly SubjectNode[], Set<readonly SubjectPattern[]>>();
  for (const rule of context.model.rules) {
    const place = rule.subjects.some(isNamed) ? places.ofGrant(rule) : undefined;
    if (place === undefined) continue;
    // Each permission of a statement makes a rule, and all have its subjects.
    const lists = seen.get(place.subjects) ?? new Set();
    if (lists.has(rule.subjects)) continue;
    seen.set(place.subjects, lists.add(rule.subjects));
    for (const subject of rule.subjects.filter(isNamed)) {
      if (subject.kind === 'group') continue;
      const span = spanOfSubject(place, subject.id);
      yield {
        subject,
        location: { file: place.file, span },
        node: subjectNodeOf(place.subjects, subject.id),
      };
    }
  }
  const groups = new Map(context.model.groups.map((group) => [group.name, group]));
  for (const { file, statements } of context.trees) {
    for (const statement of statements) {
      if (statement.kind !== 'group') continue;
      const group = groups.get(statement.name.text);
      const subject: Named = { kind: 'group', name: statement.name.text };
      // Who is in a group that has members here is said here.
      if (statement.members.length === 0) {
        yield { subject, location: { file, span: statement.name.span }, node: undefined };
      }
      for (const member of (group?.members ?? []).filter(isNamed)) {
        if (member.kind === 'group') continue;
        const node = subjectNodeOf(statement.members, member.id);
        yield { subject: member, location: { file, span: node?.span ?? statement.name.span }, node };
      }
    }
  }
}

function isNamed(subject: SubjectPattern): subject is Named {
  return subject.kind === 'subject' || subject.kind === 'group';
}

// ---------------------------------------------------------------- who there is

/** What is known of a name that does not exist: the one that may have been meant. */
interface Missing {
  readonly near?: string;
  readonly isComponent?: true;
}

interface KnownNames {
  judge(subject: Named): Missing | undefined;
}

class DirectoryNames implements KnownNames {
  readonly #directory: NonNullable<LintSettings['directory']>;
  /** A directory of accounts says nothing about services, and one of a type says nothing about another. */
  readonly #types: ReadonlySet<string>;
  #left = maxComparisons;

  constructor(directory: NonNullable<LintSettings['directory']>) {
    this.#directory = directory;
    this.#types = new Set([...directory.subjects].map(typeOf));
  }

  judge(subject: Named): Missing | undefined {
    const { subjects, groups } = this.#directory;
    if (subject.kind === 'group') {
      if (groups.has(subject.name)) return undefined;
      return this.#missing(subject.name, groups, 'group:');
    }
    if (subjects.has(subject.id) || !this.#types.has(typeOf(subject.id))) return undefined;
    return this.#missing(subject.id, subjects, '');
  }

  #missing(name: string, names: ReadonlySet<string>, prefix: string): Missing {
    this.#left -= names.size;
    const near = this.#left < 0 ? undefined : nearestName(name, names);
    return near === undefined ? {} : { near: prefix + near };
  }
}

function typeOf(id: string): string {
  return id.slice(0, id.indexOf(':'));
}

/** Without a directory nobody is unknown, but for a slip in the name of an account that every cluster has. */
class ComponentAccounts implements KnownNames {
  readonly #isDcos: boolean;

  constructor({ model, settings }: PolicyContext) {
    this.#isDcos =
      settings.target?.product === 'dcos' ||
      model.namespaces.some(({ roots }) =>
        roots.some((root) => root.kind === 'segment' && root.text === 'dcos'),
      );
  }

  judge(subject: Named): Missing | undefined {
    if (!this.#isDcos || subject.kind === 'group' || typeOf(subject.id) !== 'user') return undefined;
    const name = subject.id.slice('user:'.length);
    const meant = componentAccounts.find((account) => isSlip(name, account));
    return meant === undefined ? undefined : { near: `user:${meant}`, isComponent: true };
  }
}

/** One letter left out, doubled or replaced, or two swapped. Anything that the name goes on with makes it another. */
function isSlip(name: string, meant: string): boolean {
  if (name === meant || name.startsWith(meant) || name.length < meant.length - 1) return false;
  if (name.length > meant.length + 1 || !/^[a-z_-]+$/i.test(name)) return false;
  const fewer = (text: string): string[] =>
    Array.from({ length: text.length }, (_, i) => text.slice(0, i) + text.slice(i + 1));
  if (name.length < meant.length) return fewer(meant).includes(name);
  if (name.length > meant.length) return fewer(name).includes(meant);
  const differing = [...meant].flatMap((letter, i) => (letter === name[i] ? [] : [i]));
  if (differing.length === 1) return true;
  const [first, second] = differing;
  return (
    differing.length === 2 &&
    second === first! + 1 &&
    meant[first!] === name[second] &&
    meant[second] === name[first!]
  );
}

function describe(
  id: string,
  { near, isComponent }: Missing,
  node: SubjectNode | undefined,
): Pick<Reported, 'message' | 'help' | 'fix'> {
  const message = isComponent
    ? `\`${id}\` is no account of a component`
    : `\`${id}\` is not in the directory`;
  if (near === undefined)
    return { message, help: 'correct the name, or create it before the policy is used' };
  const help = `write \`${near}\`, if that is meant`;
  if (node === undefined) return { message, help };
  return {
    message,
    help,
    fix: { safety: 'review', edits: [{ span: node.span, newText: printId(near) }] },
  };
}
