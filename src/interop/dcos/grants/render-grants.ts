import { buildLineStarts, lineColumnAt, type Source } from '../../../source/source.ts';
import {
  foldPermissions,
  type Holder,
  holderText,
  literalText,
  maxLineLength,
  parameterName,
  type SharedPermissions,
} from './fold.ts';
import type { Grant } from './grant.ts';
import type { GroupMembers, PermissionSet, SubjectPermissions } from './permissions.ts';
import { printArgument, printGroupName, printPrincipal } from './policy-names.ts';

export interface RenderOptions {
  /** What the policy imports: `postern:dcos/1.11`. */
  readonly catalogue: string;
  readonly sources: readonly Source[];
}

/**
 * Grants as policy text: groups, then roles for what several hold alike, then everybody's own permissions, sorted. Behind
 * each stands where it was granted. The layout is that of `printTree` but for quotes round names and blank lines.
 */
export function renderGrants(set: PermissionSet, { catalogue, sources }: RenderOptions): string {
  const places = new Places(sources);
  const { shared, own } = foldPermissions(set);
  const files = sources.map(({ file }) => oneLine(file)).join(', ');
  const blocks = [
    `# Grants of DC/OS Enterprise, imported from ${files}. Behind each stands where it was granted.\nimport "${catalogue}"`,
    ...renderGroups(set.groups),
    ...shared.map((one) => renderShared(one, places)),
    ...own.map((subject) => renderSubject(subject, places)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

/** A statement with its places behind it, or above where the line would be too long. */
function line(indent: string, text: string, grants: readonly Grant[], places: Places): string {
  const comment = `# ${places.of(grants)}`;
  return indent.length + text.length + comment.length < maxLineLength
    ? `${indent}${text} ${comment}`
    : `${indent}${comment}\n${indent}${text}`;
}

function renderGroups(groups: readonly GroupMembers[]): string[] {
  const known = groups.filter(({ members }) => members.length > 0);
  const open = groups.filter(({ members }) => members.length === 0);
  const blocks: string[] = [];
  if (known.length > 0) {
    blocks.push(
      known
        .map(({ name, members }) => {
          const list = members.map((uid) => printPrincipal('user', uid)).join(', ');
          return `group ${printGroupName(name)} { ${list} }`;
        })
        .join('\n'),
    );
  }
  if (open.length > 0) {
    const lines = open.map(({ name }) => `group ${printGroupName(name)} {}`);
    blocks.push(
      ['# No source names members of these. Add them here, or let requests bring the group.', ...lines].join(
        '\n',
      ),
    );
  }
  return blocks;
}

/** Subjects that hold the same to the letter are listed, as long as the list fits in a line. */
function renderShared(shared: SharedPermissions, places: Places): string {
  const { role, texts, holders } = shared;
  if (role !== undefined) return renderRole(role, shared, places);
  const list = holders.map(holderText).join(', ');
  const grantsAt = (i: number): Grant[] => holders.flatMap(({ permissions }) => permissions[i]!.grants);
  const single = `allow ${list} to ${texts[0]}`;
  if (texts.length === 1 && single.length <= maxLineLength) return line('', single, grantsAt(0), places);
  const lines = texts.map((text, i) => line('  ', text, grantsAt(i), places));
  return [`allow ${list} {`, ...lines, '}'].join('\n');
}

function renderRole(
  name: string,
  { isParametric, texts, holders }: SharedPermissions,
  places: Places,
): string {
  const head = isParametric ? `role ${name}(${parameterName})` : `role ${name}`;
  const lines = [`${head} {`, ...texts.map((text) => `  ${text}`), '}', ''];
  const argument = isParametric
    ? ({ subject }: Holder): string => `(${printArgument(subject.name)})`
    : (): string => '';
  const groups = isParametric
    ? holders.map((holder) => [holder])
    : inLines(holders, `grant ${name} to `.length);
  for (const some of groups) {
    const text = `grant ${name}${argument(some[0]!)} to ${some.map(holderText).join(', ')}`;
    lines.push(line('', text, grantsOf(some), places));
  }
  return lines.join('\n');
}

function grantsOf(holders: readonly Holder[]): Grant[] {
  return holders.flatMap(({ permissions }) => permissions.flatMap(({ grants }) => grants));
}

/** As many subjects a line as fit. */
function inLines(holders: readonly Holder[], indent: number): Holder[][] {
  const lines: Holder[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const holder of holders) {
    const size = holderText(holder).length + 2;
    if (length + size > maxLineLength) {
      lines.push([]);
      length = indent;
    }
    lines.at(-1)!.push(holder);
    length += size;
  }
  return lines;
}

function renderSubject({ type, name, permissions }: SubjectPermissions, places: Places): string {
  const subject = printPrincipal(type, name);
  const [first, second] = permissions;
  if (second === undefined)
    return line('', `allow ${subject} to ${literalText(first!)}`, first!.grants, places);
  const lines = permissions.map((permission) =>
    line('  ', literalText(permission), permission.grants, places),
  );
  return [`allow ${subject} {`, ...lines, '}'].join('\n');
}

// ---------------------------------------------------------------- places

/** Where grants stand, for comments: `a.sh:3-9, 12; b.sh:4`. */
class Places {
  readonly #lineStarts: ReadonlyMap<string, Int32Array>;

  constructor(sources: readonly Source[]) {
    this.#lineStarts = new Map(sources.map(({ file, text }) => [file, buildLineStarts(text)]));
  }

  of(grants: readonly Grant[]): string {
    return [...Map.groupBy(grants, ({ file }) => file)]
      .map(([file, ofFile]) => `${oneLine(file)}:${rangesOf(ofFile.map((grant) => this.#line(grant)))}`)
      .join('; ');
  }

  #line({ file, span }: Grant): number {
    const starts = this.#lineStarts.get(file);
    return starts === undefined ? 1 : lineColumnAt(starts, span.start).line;
  }
}

function rangesOf(lines: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const number of [...new Set(lines)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to + 1 === number) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/** A file's name in a comment: nothing in it may end the line. */
function oneLine(file: string): string {
  return file.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
}
