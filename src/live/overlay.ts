import type { RuleReference } from '../decision/decision.ts';
import type { AddedStoreRule, StoreChanges } from '../decompile/store-changes.ts';
import type { AddedRule, Overlay as DecidedOverlay } from '../evaluate/overlay.ts';
import { firstOfTwo, type RuleFinder } from '../evaluate/rule-finder.ts';
import type { SubjectClasses } from '../evaluate/subject-classes.ts';
import { isSubject, scan } from '../id/scan.ts';
import type { Image } from '../image/image.ts';
import { NONE } from '../image/layout.ts';
import { AddedIds } from './added-ids.ts';
import type { Changes } from './changes.ts';
import { Holders } from './holders.ts';
import { LiveImage } from './live-image.ts';
import { storeFile, subjectOf } from './model-with-store.ts';
import { starPatternOf } from './star-pattern.ts';
import { type Hashed, TextTable } from './text-table.ts';

/** A subject whose groups are others now. */
interface ChangedSubject extends Hashed {
  readonly classes: readonly number[];
}

interface Parts {
  readonly live: LiveImage;
  revision: number;
  readonly subjects: TextTable<ChangedSubject>;
  readonly ids: AddedIds;
  /** The classes of groups that the image does not know. */
  readonly groups: Map<string, number>;
  /** A bit for each rule of the image that is gone; undefined for none. */
  masked: Int32Array | undefined;
  entryCount: number;
}

/** What the rules on one id are found in, for the call in hand. */
const found: Holders[] = [];

/**
 * What a store has said since a live image was made. Immutable: a write makes another, which costs copies of small tables, and
 * decisions in flight keep theirs. Where actions of somebody on an id have changed, the rules of the image that say so are
 * masked, and all of them stand here; of a subject whose groups have changed all classes do.
 */
export class Overlay implements DecidedOverlay {
  readonly #parts: Parts;
  /** By namespace, who holds something on the id of its superuser. */
  readonly #superusers: readonly (readonly Holders[])[];

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#superusers = parts.live.superusers.map((id) => {
      if (id === undefined || parts.ids.isEmpty || !scan(id)) return [];
      const holders: Holders[] = [];
      parts.ids.find(id, holders);
      return holders.filter(({ isEmpty }) => !isEmpty);
    });
  }

  /**
   * Nothing has changed yet.
   *
   * @throws {ImageError} if the image is not live: `compileLive` makes those that are
   */
  static on(image: Image): Overlay {
    const live = new LiveImage(image);
    return new Overlay({
      live,
      revision: live.revision,
      subjects: TextTable.empty(),
      ids: AddedIds.empty(),
      groups: new Map(),
      masked: undefined,
      entryCount: 0,
    });
  }

  get image(): Image {
    return this.#parts.live.image;
  }

  /** Of the store: image and overlay hold what was written up to it. */
  get revision(): number {
    return this.#parts.revision;
  }

  /** Entries and subjects that are others than in the image. */
  get size(): number {
    return this.#parts.entryCount + this.#parts.subjects.size;
  }

  /**
   * With further changes, in the order of their revisions; what the image holds already is left out. Many at once cost less
   * than one after the other.
   */
  with(changes: Changes | readonly Changes[]): Overlay {
    const all = 'revision' in changes ? [changes] : changes;
    const news = all.filter(({ revision }) => revision > this.#parts.live.revision);
    return news.length === 0 ? this : new Overlay(new Draft(this.#parts).apply(news));
  }

  bind(classes: SubjectClasses): void {
    const { subject, hash } = classes;
    const changed = this.#parts.subjects.get(hash, subject!, subject!.length);
    if (changed === undefined) return;
    // What comes first is `anyone` and `authenticated`.
    classes.count = 2;
    for (let i = 0; i < changed.classes.length; i++) classes.add(changed.classes[i]!);
  }

  add(classes: SubjectClasses, name: string): void {
    const { groups } = this.#parts;
    const added = classes.subject === undefined || groups.size === 0 ? undefined : groups.get(name);
    if (added !== undefined) classes.add(added);
  }

  hides(rule: number): boolean {
    const { masked } = this.#parts;
    return masked !== undefined && ((masked[rule >> 5]! >>> rule) & 1) === 1;
  }

  find(finder: RuleFinder, classes: SubjectClasses, action: number, resource: string | undefined): void {
    const { ids } = this.#parts;
    // A request without a resource is covered by `**` alone, which is no rule of a store.
    if (action === NONE || resource === undefined || ids.isEmpty) return;
    const count = ids.find(resource, found);
    for (let i = 0; i < count; i++)
      finder.firstAllow = firstOfTwo(finder.firstAllow, found[i]!.firstAllow(finder, classes));
  }

  matches(namespace: number, classes: SubjectClasses): boolean {
    const holders = this.#superusers[namespace]!;
    for (let i = 0; i < holders.length; i++) if (holders[i]!.isHeldBy(classes)) return true;
    return false;
  }

  name(rule: number): RuleReference {
    const line = this.#parts.live.lineAt(rule);
    return Object.freeze({ id: `${storeFile}:${line}`, file: storeFile, line });
  }

  /** The same for questions about the policy as a whole: see `decompile`. */
  storeChanges(): StoreChanges {
    const { live, ids, subjects, groups } = this.#parts;
    const namesOfClasses = new Map([
      ...live.groups(),
      ...Array.from(groups, ([name, each]) => [each, name] as const),
    ]);
    const rules = ids.values().flatMap(({ id, holders }) => {
      const star = starPatternOf(id);
      const coverage = star === undefined ? live.templates.coverageOf(id) : { patterns: [star.elements] };
      return [...holders.entries()].flatMap(([principal, grants]) =>
        grants.map(
          ({ rule, actions }): AddedStoreRule => ({
            place: rule,
            file: storeFile,
            line: live.lineAt(rule),
            subject:
              typeof principal === 'string'
                ? { kind: 'subject', id: principal }
                : { kind: 'group', name: namesOfClasses.get(principal)! },
            id,
            coverage,
            actions,
          }),
        ),
      );
    });
    return {
      hides: (rule) => this.hides(rule),
      newGroups: [...groups.keys()],
      groupsOf: new Map(
        subjects
          .values()
          .map(({ text, classes }) => [text, classes.flatMap((each) => namesOfClasses.get(each) ?? [])]),
      ),
      rules: rules.sort((a, b) => a.place - b.place),
    };
  }

  *rulesOn(resource: string): Iterable<AddedRule> {
    const here: Holders[] = [];
    this.#parts.ids.find(resource, here);
    for (const holders of here) {
      for (const [principal, grants] of holders.entries())
        for (const { rule, actions } of grants) yield { rule, principal, actions };
    }
  }
}

/** An overlay in the making. */
class Draft {
  readonly #parts: Parts;
  /** Those that belong to nobody else yet. */
  readonly #own = new Set<Holders>();
  #isMaskedOwn = false;

  constructor({ subjects, ids, groups, ...rest }: Parts) {
    this.#parts = { ...rest, subjects: subjects.copy(), ids: ids.copy(), groups: new Map(groups) };
  }

  apply(changes: readonly Changes[]): Parts {
    for (const { revision, newGroups, memberships, entries } of changes) {
      this.#parts.revision = Math.max(this.#parts.revision, revision);
      for (const gid of newGroups) this.#classOfGroup(gid);
      for (const membership of memberships) this.#setMembership(membership);
      for (const entry of entries) this.#setEntry(entry);
    }
    return this.#parts;
  }

  #setMembership({ uid, groups }: Changes['memberships'][number]): void {
    const { live, subjects } = this.#parts;
    const text = subjectOf(uid);
    // No request can come from one that is malformed.
    if (!isSubject(text)) return;
    const classes = live.ownClassesOf(text);
    for (const gid of groups) {
      classes.add(this.#classOfGroup(gid));
      for (const each of live.classesOfGroup(gid)) classes.add(each);
    }
    subjects.set({ text, hash: live.hashOf(text), classes: [...classes] });
  }

  #setEntry({ entry: { rid, subjects, id }, actions }: Changes['entries'][number]): void {
    const { live, ids } = this.#parts;
    const isGroup = subjects === 'groups';
    const name = isGroup ? id : subjectOf(id);
    if (!scan(rid) || (!isGroup && !isSubject(name))) return;
    live.forEachStored(name, isGroup, rid, (rule) => this.#mask(rule));
    const grants = actions.map(({ action, revision }) => ({
      rule: live.placeOf(revision),
      actions: live.actionsOn(action, rid),
    }));
    const principal = isGroup ? this.#classOfGroup(id) : name;
    scan(rid);
    const holders = this.#ownHolders(ids.holdersOf(rid));
    const before = holders.size;
    holders.set(principal, grants);
    this.#parts.entryCount += holders.size - before;
    ids.set(rid, holders, live.templates);
  }

  #ownHolders(known: Holders | undefined): Holders {
    if (known !== undefined && this.#own.has(known)) return known;
    const own = known?.copy() ?? new Holders();
    this.#own.add(own);
    return own;
  }

  /** The class of a group; one that the image does not know gets a number that no entry has. */
  #classOfGroup(name: string): number {
    const { live, groups } = this.#parts;
    const known = live.classOfGroup(name) ?? groups.get(name);
    if (known !== undefined) return known;
    const added = live.classCount * 2 + groups.size;
    groups.set(name, added);
    return added;
  }

  #mask(rule: number): void {
    const parts = this.#parts;
    if (!this.#isMaskedOwn)
      parts.masked = parts.masked?.slice() ?? new Int32Array((parts.live.ruleCount >> 5) + 1);
    this.#isMaskedOwn = true;
    parts.masked![rule >> 5]! |= 1 << rule;
  }
}
