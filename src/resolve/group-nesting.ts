import type { Group } from '../model/model.ts';
import { maxNesting } from '../syntax/lexer.ts';
import type { DeclaredGroup } from './resolve-groups.ts';
import type { Declarations } from './scope.ts';

/** Memberships by way of other groups that a policy set may have: the image has an entry for each (S16). */
export const MAX_INHERITED_MEMBERSHIPS = 16_000_000;

/** A circle may be as long as a policy set; so many of its groups are shown. */
const maxGroupsShown = 20;

type Declared = Declarations<DeclaredGroup>;

/**
 * Reports groups that contain themselves, nest too deeply or inherit too much (S16). Each group is visited once, with a
 * stack of our own.
 */
export function checkGroupNesting(groups: readonly Group[], declarations: Declared): void {
  const byName = new Map(groups.map((group) => [group.name, group]));
  /** How many groups are on the longest way down from a group, itself included. */
  const heights = new Map<string, number>();
  const tooDeep: string[] = [];
  let hasCycle = false;
  for (const root of groups) {
    if (heights.has(root.name)) continue;
    const path: { readonly name: string; readonly nested: string[]; height: number }[] = [];
    const places = new Map<string, number>();
    const enter = (name: string): void => {
      places.set(name, path.length);
      path.push({ name, nested: nestedGroups(byName.get(name)!), height: 1 });
    };
    enter(root.name);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.nested.pop();
      if (next === undefined) {
        const { name, height } = path.pop()!;
        places.delete(name);
        heights.set(name, height);
        raise(path.at(-1), height);
        if (height === maxNesting + 1) tooDeep.push(name);
      } else if (places.has(next)) {
        reportCycle(path, places.get(next)!, declarations);
        hasCycle = true;
      } else if (heights.has(next)) raise(top, heights.get(next)!);
      else enter(next);
    }
  }
  // A circle is as deep as one likes; without it the groups may be flat.
  if (hasCycle) return;
  for (const name of tooDeep) reportTooDeep(name, declarations);
  if (tooDeep.length === 0) checkInherited(groups, declarations);
}

function raise(holder: { height: number } | undefined, height: number): void {
  if (holder !== undefined) holder.height = Math.max(holder.height, height + 1);
}

function nestedGroups(group: Group): string[] {
  return group.members.flatMap((member) => (member.kind === 'group' ? [member.name] : [])).reverse();
}

function reportTooDeep(name: string, declarations: Declared): void {
  const { node, scope } = declarations.values.get(name)!;
  scope.report({
    code: 'P3003',
    span: node.name.span,
    message: `groups nested more than ${maxNesting} deep`,
    help: 'name the inner groups in the outer ones, in fewer steps',
  });
}

/** The circle is that of the groups on the path from place `from` on. */
function reportCycle(path: readonly { readonly name: string }[], from: number, declarations: Declared): void {
  const cycle = path.slice(from, from + maxGroupsShown).map(({ name }) => name);
  const left = path.length - from - cycle.length;
  const first = cycle[0]!;
  const names = [...cycle, ...(left === 0 ? [] : [`${left} more`]), first];
  const { node, scope } = declarations.values.get(first)!;
  scope.report({
    code: 'P1007',
    span: node.name.span,
    message: `group \`${first}\` contains itself: ${names.map((name, i) => (i === cycle.length && left > 0 ? name : `\`${name}\``)).join(' contains ')}`,
    help: 'remove one of these memberships',
    related: cycle.slice(1).map((name) => {
      const other = declarations.values.get(name)!;
      return { ...other.scope.locate(other.node.name.span), text: `\`${name}\` is declared here` };
    }),
  });
}

/** Counts what the image will list: for every group and its members the groups above it. Stops at the limit. */
function checkInherited(groups: readonly Group[], declarations: Declared): void {
  const holders = new Map<string, string[]>();
  for (const group of groups) {
    for (const name of nestedGroups(group)) {
      const known = holders.get(name);
      if (known === undefined) holders.set(name, [group.name]);
      else known.push(group.name);
    }
  }
  let count = 0;
  for (const { name, members } of groups) {
    const direct = holders.get(name);
    if (direct === undefined) continue;
    const above = new Set(direct);
    for (const each of above) {
      // A way that is found again is no membership, but takes time all the same.
      const next = holders.get(each) ?? [];
      count += next.length;
      if (count > MAX_INHERITED_MEMBERSHIPS) break;
      for (const holder of next) above.add(holder);
    }
    count += above.size * (members.length + 1);
    if (count <= MAX_INHERITED_MEMBERSHIPS) continue;
    const { node, scope } = declarations.values.get(name)!;
    scope.report({
      code: 'P3006',
      span: node.name.span,
      message: `groups give their members more than ${MAX_INHERITED_MEMBERSHIPS} memberships in other groups`,
      help: 'let fewer groups hold large groups',
    });
    return;
  }
}
