import { keyOfSubject } from '../analysis/rule-items.ts';
import type { Rule, SubjectPattern } from '../model/model.ts';
import { printSubject } from '../printing/print-rule.ts';
import type { Holder, Link } from './access-graph.ts';

interface OpenHolder {
  readonly kind: Holder['kind'];
  readonly label: string;
  readonly notes: string[];
  /** Whether it stands for more than one subject, so that others may match it. */
  readonly isPattern: boolean;
}

export interface FinishedHolders {
  readonly list: readonly Holder[];
  readonly links: readonly Link[];
  /** From the number that the table gave to the place in the list. */
  readonly renumber: readonly number[];
}

/** Everybody who has permissions, each once, and who is what: built while rules are read. */
export class HolderTable {
  readonly #holders: OpenHolder[] = [];
  readonly #places = new Map<string, number>();
  readonly #links = new Map<string, Link>();

  ofSubject(subject: SubjectPattern): number {
    return this.#place(keyOfSubject(subject), () => ({
      kind: subject.kind === 'group' ? 'group' : 'subject',
      label: printSubject(subject),
      notes: [],
      isPattern: subject.kind !== 'group' && subject.kind !== 'subject',
    }));
  }

  /** @param permissions  what the grant gives: two that give otherwise are two, even by the same arguments */
  ofRole(label: string, permissions: readonly string[], { location, line }: Rule): number {
    const place = this.#place(JSON.stringify(['role', label, [...permissions].sort()]), () => ({
      kind: 'role',
      label,
      notes: [],
      isPattern: false,
    }));
    this.note(place, `granted at ${location.file}:${line}`);
    return place;
  }

  note(holder: number, line: string): void {
    this.#holders[holder]!.notes.push(line);
  }

  link(from: number, to: number): void {
    if (from !== to) this.#links.set(`${from} ${to}`, { from, to });
  }

  /** Who is a pattern of subjects, or a word for many of them. */
  patterns(): readonly number[] {
    return this.#holders.flatMap(({ isPattern }, i) => (isPattern ? [i] : []));
  }

  /** Sorted by kind and label, so that the order of files changes no picture. */
  finish(): FinishedHolders {
    const links = [...this.#links.values()];
    const ranks = rankHolders(this.#holders, links);
    const order = this.#holders
      .map((_, i) => i)
      .sort((a, b) => compare(ranks[a]!, ranks[b]!) || compare(this.#textOf(a), this.#textOf(b)) || a - b);
    const renumber: number[] = [];
    for (const [place, old] of order.entries()) renumber[old] = place;
    return {
      list: order.map((old): Holder => {
        const { kind, label, notes } = this.#holders[old]!;
        return { kind, label, notes, rank: ranks[old]!, count: 1 };
      }),
      links: links
        .map(({ from, to }) => ({ from: renumber[from]!, to: renumber[to]! }))
        .sort((a, b) => a.from - b.from || a.to - b.to),
      renumber,
    };
  }

  #textOf(place: number): string {
    const { kind, label } = this.#holders[place]!;
    return `${kind} ${label}`;
  }

  #place(key: string, create: () => OpenHolder): number {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#holders.length;
      this.#holders.push(create());
      this.#places.set(key, place);
    }
    return place;
  }
}

function compare<Value extends string | number>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Subjects first, groups behind those within them, roles last of all. Groups hold no cycles. */
function rankHolders(holders: readonly OpenHolder[], links: readonly Link[]): readonly number[] {
  const ranks: number[] = holders.map(({ kind }) => (kind === 'subject' ? 0 : 1));
  const after = Map.groupBy(links, ({ from }) => from);
  const waiting = holders.map((_, i) => i);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const { to } of after.get(next) ?? []) {
      if (ranks[to]! > ranks[next]!) continue;
      ranks[to] = ranks[next]! + 1;
      waiting.push(to);
    }
  }
  const last = ranks.reduce(
    (most, rank, i) => (holders[i]!.kind === 'role' ? most : Math.max(most, rank)),
    0,
  );
  return ranks.map((rank, i) => (holders[i]!.kind === 'role' ? last + 1 : rank));
}
