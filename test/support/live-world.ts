import { type Action, actions } from '../../src/iam/operation.ts';
import { scan } from '../../src/id/scan.ts';
import type { Changes, StoredAction } from '../../src/live/changes.ts';
import type { Group, Model, ResourcePattern, Rule, SubjectPattern } from '../../src/model/model.ts';
import { elementsOfId } from '../../src/model/template-variants.ts';
import { instantiate, ODD_SEGMENTS, perturb } from './generators-ids.ts';
import type { GeneratedPolicy } from './generators-policy.ts';
import type { Random } from './generators-random.ts';
import { generateRequest } from './generators-request.ts';
import { fillTemplate } from './generators-templates.ts';

const UIDS = ['zoe', 'é', '🙂', 'bob smith', '*', 'alice/x', '..', '__proto__', 'very-long-name-of-somebody'];
const GIDS = ['new', 'constructor', 'newer', 'ünï', '__proto__', 'ops'];
/** Stars that stand for one segment, and some that do not. */
const STARS = [
  'dcos:secrets:default:/*',
  'dcos:secrets:default:/dev/*',
  'dcos:secrets:default:/dev/deep/*',
  'dcos:cluster:linker:*',
  'dcos:secrets:default:/d*v/*',
  'dcos:secrets:default:*',
  'dcos:secrets:other:/*',
];
/** What they cover, and what is near. */
const UNDER_STARS = [
  'dcos:secrets:default:/',
  'dcos:secrets:default:/x',
  'dcos:secrets:default:/dev',
  'dcos:secrets:default:/dev/x',
  'dcos:secrets:default:/dev/*',
  'dcos:secrets:default:/dev/deep/x',
  'dcos:secrets:default:/devel/x',
  'dcos:secrets:default:x',
  'dcos:cluster:linker:x',
  'dcos:cluster:linker',
  'dcos:cluster:linker:x:y',
  'dcos:cluster:linker:/x',
];
const LONG = 'a-segment-that-is-longer-than-most/and/another-one';

/**
 * A store beside a generated policy: random operations, what each changes, and what all together amount to as a model. It
 * knows nothing of overlays, and keeps the state as plainly as it can.
 */
export class LiveWorld {
  revision = 0;
  readonly #files: Model;
  readonly #policy: GeneratedPolicy;
  readonly #random: Random;
  readonly #users = new Set<string>();
  readonly #groups = new Map<string, Set<string>>();
  /** By subject kind and name, then by id. */
  readonly #grants = new Map<string, Map<string, StoredAction[]>>();
  readonly #uids: readonly string[];
  readonly #gids: readonly string[];
  readonly #rids: string[] = [];
  /** Grants that were changed last. */
  readonly #recent: { principal: readonly [string, string]; rid: string; action: Action }[] = [];

  constructor(policy: GeneratedPolicy, files: Model, random: Random) {
    this.#policy = policy;
    this.#files = files;
    this.#random = random;
    const own = policy.world.subjects.flatMap((id) => (id.startsWith('user:') ? [id.slice(5)] : []));
    this.#uids = [...own, ...random.sample(UIDS, 3)];
    this.#gids = [...new Set([...policy.world.groups.slice(0, 4), ...random.sample(GIDS, 3)])];
    for (let i = random.between(4, 8); i > 0; i--) this.#rids.push(this.#someId());
  }

  /** Does something, and says what has become others by it. */
  step(): Changes {
    this.revision++;
    const random = this.#random;
    const memberships = new Set<string>();
    const entries = new Set<string>();
    const newGroups: string[] = [];
    if (random.chance(0.05)) this.#rids[random.below(this.#rids.length)] = this.#someId();
    for (let i = random.pick([1, 1, 1, 1, 2, 3]); i > 0; i--) this.#operate(memberships, entries, newGroups);
    return {
      revision: this.revision,
      newGroups,
      memberships: [...memberships].map((uid) => ({ uid, groups: this.#groupsOf(uid) })),
      entries: [...entries].map((key) => {
        const [subjects, id, rid] = JSON.parse(key) as ['users' | 'groups', string, string];
        const stored = this.#grants.get(JSON.stringify([subjects, id]))?.get(rid) ?? [];
        return { entry: { rid, subjects, id }, actions: [...stored] };
      }),
    };
  }

  /** Files and store as one model. */
  model(): Model {
    const groups = new Map(this.#files.groups.map((group) => [group.name, group]));
    for (const [gid, members] of this.#groups) {
      const group: Group = groups.get(gid) ?? { name: gid, location: storeLocation, members: [] };
      const more = [...members].map((uid): SubjectPattern => ({ kind: 'subject', id: `user:${uid}` }));
      groups.set(gid, { ...group, members: [...group.members, ...more] });
    }
    const rules = [...this.#grants].flatMap(([key, byId]) => {
      const [kind, id] = JSON.parse(key) as ['users' | 'groups', string];
      const subject: SubjectPattern =
        kind === 'groups' ? { kind: 'group', name: id } : { kind: 'subject', id: `user:${id}` };
      return [...byId].flatMap(([rid, stored]) =>
        stored.map(
          ({ action, revision }): Rule => ({
            effect: 'allow',
            subjects: [subject],
            actions: [action],
            resources: [resourceOf(rid)],
            location: storeLocation,
            line: revision,
          }),
        ),
      );
    });
    rules.sort((a, b) => a.line - b.line);
    return { ...this.#files, groups: [...groups.values()], rules: [...this.#files.rules, ...rules] };
  }

  /** Of those that the policy has in view, or of those that the store has. */
  request(): unknown {
    const random = this.#random;
    if (random.chance(0.35)) return generateRequest(this.#policy, random);
    const generated = random.chance(0.3) ? generateRequest(this.#policy, random) : {};
    const request = typeof generated === 'object' && generated !== null ? generated : {};
    const change = this.#recent.length > 0 && random.chance(0.7) ? random.pick(this.#recent) : undefined;
    const rid = change?.rid ?? random.pick(this.#rids);
    const asker = this.#asker(change?.principal);
    const resource = random.pick([
      () => rid,
      () => rid,
      () => rid,
      () => rid + random.pick([':', '/', '.', ':/', '-']) + random.pick(this.#policy.world.segments),
      () => `${rid}/${random.pick(this.#policy.world.segments)}/x`,
      () => perturb(rid, random, this.#policy.world.segments),
      () => this.#someId(),
      () => (rid.includes('*') ? random.pick(UNDER_STARS) : rid),
    ])();
    return {
      ...(random.chance(0.1) ? request : {}),
      ...(random.chance(0.03) ? {} : { subject: `user:${asker.uid}` }),
      action:
        change !== undefined && random.chance(0.6)
          ? change.action
          : random.pick(random.chance(0.8) ? actions : this.#policy.world.actions),
      ...(random.chance(0.03) ? {} : { resource }),
      ...(asker.groups === undefined ? {} : { groups: asker.groups }),
      ...(random.chance(0.3) && 'context' in request ? { context: request.context } : {}),
    };
  }

  /** Somebody whom a grant means or meant, or anybody. */
  #asker([kind, id]: readonly [string, string] = ['users', '']): { uid: string; groups?: readonly string[] } {
    const random = this.#random;
    const anybody = random.pick(this.#uids);
    if (kind === 'users') {
      const uid = id === '' || random.chance(0.1) ? anybody : id;
      if (!random.chance(0.15)) return { uid };
      return { uid, groups: random.sample([...this.#gids, 'nobody'], random.between(1, 3)) };
    }
    if (random.chance(0.3)) return { uid: anybody, groups: [id] };
    const members = [...(this.#groups.get(id) ?? [])];
    return { uid: members.length > 0 && random.chance(0.9) ? random.pick(members) : anybody };
  }

  #operate(memberships: Set<string>, entries: Set<string>, newGroups: string[]): void {
    const random = this.#random;
    const uid = random.pick(this.#uids);
    const gid = random.pick(this.#gids);
    const rid = random.pick(this.#rids);
    const kind = random.next();
    if (kind < 0.08) {
      // A user is deleted, and with it what it has.
      if (!this.#users.delete(uid)) return void this.#users.add(uid);
      for (const members of this.#groups.values()) members.delete(uid);
      memberships.add(uid);
      this.#revokeAll('users', uid, entries);
    } else if (kind < 0.16) {
      const members = this.#groups.get(gid);
      if (members === undefined) {
        this.#groups.set(gid, new Set());
        newGroups.push(gid);
        return;
      }
      this.#groups.delete(gid);
      for (const each of members) memberships.add(each);
      this.#revokeAll('groups', gid, entries);
    } else if (kind < 0.4) {
      if (!this.#groups.has(gid)) {
        this.#groups.set(gid, new Set());
        newGroups.push(gid);
      }
      this.#users.add(uid);
      const members = this.#groups.get(gid)!;
      if (!members.delete(uid) || random.chance(0.3)) members.add(uid);
      memberships.add(uid);
    } else if (kind < 0.45) {
      for (const [key, byId] of this.#grants) {
        if (byId.delete(rid)) entries.add(JSON.stringify([...(JSON.parse(key) as string[]), rid]));
      }
    } else {
      const isGroup = random.chance(0.45);
      if (isGroup && !this.#groups.has(gid)) {
        this.#groups.set(gid, new Set());
        newGroups.push(gid);
      } else this.#users.add(uid);
      this.#changeGrant(isGroup ? ['groups', gid] : ['users', uid], rid, random.pick(actions), entries);
    }
  }

  #changeGrant(
    principal: readonly [string, string],
    rid: string,
    action: Action,
    entries: Set<string>,
  ): void {
    const key = JSON.stringify(principal);
    const byId = this.#grants.get(key) ?? new Map<string, StoredAction[]>();
    this.#grants.set(key, byId);
    const stored = byId.get(rid) ?? [];
    const others = stored.filter((each) => each.action !== action);
    if (others.length < stored.length) byId.set(rid, others);
    else byId.set(rid, [...stored, { action, revision: this.revision }]);
    entries.add(JSON.stringify([...principal, rid]));
    this.#recent.push({ principal, rid, action });
    if (this.#recent.length > 12) this.#recent.shift();
  }

  #revokeAll(kind: string, id: string, entries: Set<string>): void {
    const key = JSON.stringify([kind, id]);
    for (const rid of this.#grants.get(key)?.keys() ?? []) entries.add(JSON.stringify([kind, id, rid]));
    this.#grants.delete(key);
  }

  #groupsOf(uid: string): string[] {
    return [...this.#groups].flatMap(([gid, members]) => (members.has(uid) ? [gid] : []));
  }

  /** A well-formed id near what the policy speaks of. */
  #someId(): string {
    const random = this.#random;
    const { world, namespaces, rules } = this.#policy;
    const filling = { random, segments: world.segments, bindings: new Map<string, string>() };
    for (;;) {
      const templates = namespaces.flatMap((namespace) => namespace.templates);
      const superusers = namespaces.flatMap(({ superuser }) => superuser ?? []);
      const known = this.#rids.length > 0 ? random.pick(this.#rids) : random.pick(world.resources);
      const id = random.pick([
        () => random.pick(world.resources),
        () => instantiate(random.pick(rules).resource, filling),
        () =>
          templates.length === 0
            ? known
            : fillTemplate(random.pick(templates), random.below(3), random, world.segments),
        () => (superusers.length === 0 ? known : random.pick(superusers)),
        () => known + random.pick([':', '/', '.', ':/']) + random.pick([...world.segments, ...ODD_SEGMENTS]),
        () => perturb(known, random, world.segments),
        () => known.replace(/[:/][^:/]*$/, ''),
        () => `${known}/${LONG}`,
        () => random.pick(['/', 'n:/', '**', 'a:**', '🙂:é', 'a']),
        () => random.pick(random.chance(0.6) ? STARS : UNDER_STARS),
      ])();
      if (id.length < 300 && scan(id)) return id;
    }
  }
}

/** What an id means that ends in a star which DC/OS knows, and any other id. */
function resourceOf(rid: string): ResourcePattern {
  const isStar = /^dcos:(cluster:linker:|secrets:default:\/([^*]*\/)?)\*$/.test(rid);
  if (!isStar) return { kind: 'literal', id: rid };
  const before = elementsOfId(rid).slice(0, -1);
  const separator = rid.endsWith('/*') ? 'slash' : 'colon';
  return { kind: 'pattern', text: rid, elements: [...before, { kind: 'one', separator }] };
}

const storeLocation = { file: 'store', span: { start: 0, end: 0 } };
