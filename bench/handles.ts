/**
 * What does a handle save, and after how many questions has it paid for itself? `isAllowed` with a handle for the subject, for
 * the resource, for both, beside strings; and what making one takes.
 *
 *     node bench/handles.ts [--sizes 1000,100000] [--requests 50000] [--rounds 9]
 *
 * As many handles as different ids: the caller that asks keeps thousands, and they compete with the image for the caches.
 */
import type { Authorizer } from '../src/index.ts';
import { fresh, freshRequests } from './peers/workload.ts';
import { type Cluster, checkAnswers, countAllowed, createCluster, loadCluster } from './support/cluster.ts';
import { readNumbers } from './support/options.ts';
import { describeSpread, type Entrant, measureInTurns, type Timing } from './support/rounds.ts';

const options = readNumbers({ sizes: '1000,100000', requests: '50000', rounds: '9' });

type Subjects = readonly (string | ReturnType<Authorizer['subject']>)[];
type Resources = readonly (string | ReturnType<Authorizer['resource']>)[];

for (const size of options.sizes) {
  const cluster = createCluster(size, options.requests[0]!);
  const authorizer = loadCluster(cluster);
  const { subjects, actions, resources } = cluster.requests;
  const subjectHandles = oncePerId(subjects, (id) => authorizer.subject(id));
  const resourceHandles = oncePerId(resources, (id) => authorizer.resource(id));
  const asked = (name: string, subjectsOf?: Subjects, resourcesOf?: Resources): Entrant => {
    const who = subjectsOf ?? subjects;
    const what = resourcesOf ?? resources;
    checkAnswers(name, cluster, (at) => authorizer.isAllowed(who[at]!, actions[at]!, what[at]!));
    return calls(name, authorizer, cluster, subjectsOf, resourcesOf);
  };
  const [strings, ...byHandle] = measureInTurns(
    [
      asked('strings'),
      asked('subject by handle', subjectHandles),
      asked('resource by handle', undefined, resourceHandles),
      asked('both by handle', subjectHandles, resourceHandles),
      making('making a subject handle', subjects, (id) => authorizer.subject(id)),
      making('making a resource handle', resources, (id) => authorizer.resource(id)),
    ],
    options.rounds[0]!,
  );
  console.log(`${size} rules, strings: ${describeSpread(strings!)} ns`);
  for (const timing of byHandle) print(size, timing, strings!);
}

function print(size: number, timing: Timing, strings: Timing): void {
  const ratio = (strings.median / timing.median).toFixed(2);
  const note = timing.name.startsWith('making') ? '' : `, ${ratio} times as fast as strings`;
  console.log(`${size} rules, ${timing.name}: ${describeSpread(timing)} ns${note}`);
}

/** What is not by handle is by a string that nobody has seen; the same function for all, so that the code asked is the same. */
function calls(
  name: string,
  authorizer: Authorizer,
  { requests, expected }: Cluster,
  subjectHandles: Subjects | undefined,
  resourceHandles: Resources | undefined,
): Entrant {
  return {
    name,
    decisions: expected.length,
    result: countAllowed(expected),
    prepare: () => {
      const { subjects, actions, resources } = freshRequests(requests);
      const who = subjectHandles ?? subjects;
      const what = resourceHandles ?? resources;
      return () => {
        let allowed = 0;
        for (let i = 0; i < actions.length; i++)
          if (authorizer.isAllowed(who[i]!, actions[i]!, what[i]!)) allowed++;
        return allowed;
      };
    },
  };
}

function making(
  name: string,
  ids: readonly string[],
  make: (id: string) => { readonly id: string },
): Entrant {
  return {
    name,
    decisions: ids.length,
    result: ids.length,
    prepare: () => {
      const freshIds = ids.map(fresh);
      return () => freshIds.filter((id) => make(id).id === id).length;
    },
  };
}

function oncePerId<Handle>(ids: readonly string[], make: (id: string) => Handle): Handle[] {
  const handles = new Map<string, Handle>();
  for (const id of ids) if (!handles.has(id)) handles.set(id, make(id));
  return ids.map((id) => handles.get(id)!);
}
