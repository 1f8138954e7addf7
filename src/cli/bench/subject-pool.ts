import type { Instantiation } from './instantiate.ts';
import type { Model, SubjectPattern } from './model-types.ts';
import type { Random } from './random.ts';

/** Who asks: a subject, or undefined for nobody; and a group to ask with where the policy names no member. */
export interface Asker {
  readonly subject: string | undefined;
  readonly groups?: readonly string[];
}

/** Everybody whom the policy names, and how to find somebody of whom a rule speaks. */
export class SubjectPool {
  private readonly known: readonly string[];
  private readonly members: ReadonlyMap<string, readonly SubjectPattern[]>;
  private readonly random: Random;

  constructor({ groups, rules }: Model, random: Random) {
    this.random = random;
    this.members = new Map(groups.map(({ name, members }) => [name, members]));
    const known = new Set<string>();
    for (const { subjects } of rules) addIds(known, subjects);
    for (const { members } of groups) addIds(known, members);
    this.known = [...known];
  }

  /** Somebody of whom `pattern` speaks. */
  askerOf(pattern: SubjectPattern, instantiation: Instantiation): Asker {
    switch (pattern.kind) {
      case 'anyone':
        return { subject: this.random.happens(20) ? undefined : this.anybody() };
      case 'authenticated':
        return { subject: this.anybody() };
      case 'subject':
        return { subject: pattern.id };
      case 'pattern':
        return { subject: instantiation.idOf(pattern.elements) };
      case 'group':
        return this.memberOf(pattern.name, instantiation);
    }
  }

  /** Mostly one whom the policy names, now and then a stranger. */
  anybody(): string {
    const known = this.random.happens(80) ? this.random.pick(this.known) : undefined;
    return known ?? `user:stranger-${this.random.below(1_000)}`;
  }

  /** Groups cannot contain themselves, so that this ends; a loop, because they may be nested deeply. */
  private memberOf(group: string, instantiation: Instantiation): Asker {
    let member = this.random.pick(this.members.get(group) ?? []);
    let name = group;
    while (member?.kind === 'group') {
      name = member.name;
      member = this.random.pick(this.members.get(name) ?? []);
    }
    if (member !== undefined) return this.askerOf(member, instantiation);
    return { subject: this.anybody(), groups: [name] };
  }
}

function addIds(known: Set<string>, patterns: readonly SubjectPattern[]): void {
  for (const pattern of patterns) if (pattern.kind === 'subject') known.add(pattern.id);
}
