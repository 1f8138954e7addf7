/**
 * How long until a change of the store is seen, and what do changes that are held beside an image cost a decision? An image of
 * so many grants; then changes, each timed from the moment it is known to a decision that tells it; then decisions with more and
 * more of them, beside the image alone.
 *
 *     node bench/live.ts [--grants 1000000] [--writes 2000] [--changes 0,1,100,1000,10000] [--requests 100000] [--rounds 15]
 */

import { compile } from '../src/compile/compile.ts';
import { readImage } from '../src/image/image.ts';
import { Authorizer, build } from '../src/index.ts';
import type { Changes } from '../src/live/changes.ts';
import { livePartOf } from '../src/live/live-part.ts';
import { Overlay } from '../src/live/overlay.ts';
import type { Model, Rule } from '../src/model/model.ts';
import { fresh } from './peers/workload.ts';
import { readNumbers } from './support/options.ts';
import { describeSpread, type Entrant, measureInTurns } from './support/rounds.ts';
import { createRandom } from './workload.ts';

const options = readNumbers({
  grants: '1000000',
  writes: '2000',
  changes: '0,1,100,1000,10000',
  requests: '100000',
  rounds: '15',
});
const ACTIONS = ['create', 'read', 'update', 'delete', 'full'] as const;
const [grantCount, writeCount, requestCount] = [options.grants[0]!, options.writes[0]!, options.requests[0]!];
const userCount = Math.ceil(grantCount / 10);
const groupCount = Math.ceil(userCount / 100);
const random = createRandom(1);

const built = build([{ file: 'catalogue.acl', text: 'import "postern:dcos"\n' }]);
if (!built.ok) throw new Error('the catalogue does not build');
const files = built.model;
const image = readImage(compile(modelOf(files), livePartOf(files, grantCount)));
console.log(`${grantCount} grants, image of ${(image.sizeBytes / 2 ** 20).toFixed(0)} MiB`);
const base = Authorizer.fromImage(image);
timeWrites();
timeDecisions();

/** Every tenth grant is of a group; a hundred users are in each. One id in a hundred has a hundred times as many grants. */
function modelOf(catalogue: Model): Model {
  const location = { file: 'store', span: { start: 0, end: 0 } };
  const rules: Rule[] = Array.from({ length: grantCount }, (_, index) => ({
    effect: 'allow',
    subjects: [
      index % 10 === 9
        ? { kind: 'group', name: `g${index % groupCount}` }
        : { kind: 'subject', id: `user:u${index % userCount}` },
    ],
    actions: [ACTIONS[index % 5]!],
    resources: [{ kind: 'literal', id: idOf(index) }],
    location,
    line: index + 1,
  }));
  const groups = Array.from({ length: groupCount }, (_, group) => ({
    name: `g${group}`,
    location,
    members: Array.from({ length: 100 }, (_, i) => ({
      kind: 'subject' as const,
      id: `user:u${(group * 100 + i) % userCount}`,
    })),
  }));
  return { ...catalogue, groups, rules };
}

function idOf(index: number): string {
  const number = index % 100 === 0 ? 0 : index >> 1;
  return `dcos:service:marathon:marathon:services:/team-${number % 1000}/app-${number >> 3}/part-${number & 7}`;
}

/** A grant where there was none, one more where there was one, the end of one, and a membership; and who sees it. */
function changeOf(index: number): {
  changes: Changes;
  subject: string;
  action: string;
  id: string;
  isAllowed: boolean;
} {
  const revision = grantCount + 1 + index;
  const at = random(grantCount);
  const uid = `u${at % userCount}`;
  const none = { revision, memberships: [], entries: [], newGroups: [] };
  if (index % 4 === 3) {
    const gid = `new-${index % 7}`;
    const rid = `dcos:service:marathon:marathon:services:/new/${index}`;
    const entry = { rid, subjects: 'groups' as const, id: gid };
    return {
      changes: {
        ...none,
        newGroups: [gid],
        memberships: [{ uid, groups: [gid] }],
        entries: [{ entry, actions: [{ action: 'read', revision }] }],
      },
      subject: `user:${uid}`,
      action: 'read',
      id: rid,
      isAllowed: true,
    };
  }
  const isNew = index % 4 !== 1;
  const rid = idOf(index % 8 < 4 ? at : 0);
  const actions = isNew ? [{ action: 'full' as const, revision }] : [];
  const isOwn = at % 10 !== 9;
  const id = isNew ? `fresh-${index}` : isOwn ? uid : `nobody`;
  return {
    changes: { ...none, entries: [{ entry: { rid, subjects: 'users', id }, actions }] },
    subject: `user:${id}`,
    action: 'delete',
    id: rid,
    isAllowed: isNew,
  };
}

function timeWrites(): void {
  let overlay = Overlay.on(image);
  const times: number[] = [];
  for (let i = 0; i < writeCount; i++) {
    const { changes, subject, action, id, isAllowed } = changeOf(i);
    const begun = performance.now();
    overlay = overlay.with(changes);
    const seen = base.withOverlay(overlay).isAllowed(subject, action, id);
    times.push(performance.now() - begun);
    if (isAllowed && !seen) throw new Error(`change ${i} is not seen`);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(3);
  console.log(
    `${writeCount} changes one after the other, each until it is seen: median ${at(0.5)} ms, 99 % ${at(0.99)} ms, longest ${at(1)} ms`,
  );
}

function timeDecisions(): void {
  const asked = Array.from({ length: requestCount }, () => {
    const at = random(grantCount);
    const user = random(2) === 0 ? at % userCount : random(userCount);
    return {
      subject: `user:u${user}`,
      action: ACTIONS[at % 5]!,
      resource: `${idOf(at)}${random(3) === 0 ? '/x' : ''}`,
    };
  });
  const counts = options.changes.toSorted((a, b) => a - b);
  const overlays: Overlay[] = [];
  let before = 0;
  let overlay = Overlay.on(image);
  const heap: string[] = [];
  usedBytes();
  for (const count of counts) {
    const used = usedBytes();
    const more = Array.from({ length: count - before }, (_, i) => changeOf(before + i).changes);
    overlay = overlay.with(more);
    overlays.push(overlay);
    heap.push(`${count}: ${((usedBytes() - used) / 1024).toFixed(0)} KiB more`);
    before = count;
  }
  const entrants = [
    singleCalls('image alone', base, asked),
    ...overlays.map((each, i) => singleCalls(`${counts[i]} changes`, base.withOverlay(each), asked)),
  ];
  const [alone, ...others] = measureInTurns(entrants, options.rounds[0]!);
  console.log(`image alone: ${describeSpread(alone!)} ns a decision`);
  for (const timing of others) {
    const ratio = (timing.median / alone!.median).toFixed(2);
    console.log(`${timing.name}: ${describeSpread(timing)} ns, ${ratio} times as long`);
  }
  if (globalThis.gc !== undefined) console.log(`memory: ${heap.join(', ')}`);
}

function singleCalls(
  name: string,
  authorizer: Authorizer,
  asked: readonly { readonly subject: string; readonly action: string; readonly resource: string }[],
): Entrant {
  let result = 0;
  for (const { subject, action, resource } of asked)
    result += Number(authorizer.isAllowed(subject, action, resource));
  return {
    name,
    decisions: asked.length,
    result,
    prepare() {
      const subjects = asked.map(({ subject }) => fresh(subject));
      const resources = asked.map(({ resource }) => fresh(resource));
      return () => {
        let allowed = 0;
        for (let i = 0; i < asked.length; i++)
          if (authorizer.isAllowed(subjects[i]!, asked[i]!.action, resources[i]!)) allowed++;
        return allowed;
      };
    },
  };
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
