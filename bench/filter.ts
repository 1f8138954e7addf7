/**
 * Which of these resources may the subject see? A list of 100 and of 10,000 resources, by the ways that there are: one question
 * each, an approver, `filter`, `areAllowed`.
 *
 *     node bench/filter.ts [--lists 100,10000] [--rules 100000] [--rounds 9]
 */
import { fresh } from './peers/workload.ts';
import { createCluster, loadCluster } from './support/cluster.ts';
import { readNumbers } from './support/options.ts';
import { describeSpread, type Entrant, measureInTurns } from './support/rounds.ts';

const options = readNumbers({ lists: '100,10000', rules: '100000', rounds: '9' });
const REQUESTS = 1000;
/** A round asks at least so many questions: several subjects ask for a short list. */
const LEAST_DECISIONS = 50_000;

const cluster = createCluster(options.rules[0]!, Math.max(REQUESTS, ...options.lists));
const authorizer = loadCluster(cluster);
/** Counts what the subject may do the action on. */
type Way = (subject: string, action: string, resources: readonly string[]) => number;

const ways: Readonly<Record<string, Way>> = {
  isAllowed: (subject, action, resources) =>
    countOf(resources, (resource) => authorizer.isAllowed(subject, action, resource)),
  approver: (subject, action, resources) => {
    const approver = authorizer.approver(subject, action);
    return countOf(resources, (resource) => approver.allows(resource));
  },
  filter: (subject, action, resources) => authorizer.filter(subject, action, resources).length,
  areAllowed: (subject, action, resources) => {
    const requests = resources.map((resource) => ({ subject, action, resource }));
    return authorizer.areAllowed(requests).filter(Boolean).length;
  },
};

for (const length of options.lists) {
  const { subjects, actions } = cluster.requests;
  const resources = cluster.requests.resources.slice(0, length);
  const askers = subjects
    .slice(0, Math.ceil(LEAST_DECISIONS / length))
    .map((subject, i) => ({ subject, action: actions[i]! }));
  for (const { subject, action } of askers) checkWays(subject, action, resources);
  const allowed = askers.reduce(
    (sum, { subject, action }) => sum + ways.isAllowed!(subject, action, resources),
    0,
  );
  const entrants = Object.entries(ways).map(([name, way]): Entrant => {
    return {
      name,
      decisions: resources.length * askers.length,
      result: allowed,
      prepare: () => {
        const lists = askers.map(() => resources.map(fresh));
        return () => askers.reduce((sum, { subject, action }, i) => sum + way(subject, action, lists[i]!), 0);
      },
    };
  });
  const timings = measureInTurns(entrants, options.rounds[0]!);
  for (const timing of timings) {
    const ratio = (timings[0]!.median / timing.median).toFixed(2);
    console.log(
      `${length} resources, ${timing.name.padEnd(10)} ${describeSpread(timing)} ns each, ${ratio} times as fast as isAllowed`,
    );
  }
}

/** `loadCluster` has held single calls against the reference; every other way has to find the same resources. */
function checkWays(subject: string, action: string, resources: readonly string[]): void {
  const right = resources.filter((resource) => authorizer.isAllowed(subject, action, resource));
  const approver = authorizer.approver(subject, action);
  const answers = authorizer.areAllowed(resources.map((resource) => ({ subject, action, resource })));
  const found = {
    approver: resources.filter((resource) => approver.allows(resource)),
    filter: authorizer.filter(subject, action, resources),
    areAllowed: resources.filter((_, i) => answers[i]),
  };
  for (const [name, list] of Object.entries(found))
    if (list.join() !== right.join()) throw new Error(`${name} finds other resources than isAllowed`);
}

function countOf(resources: readonly string[], isAllowed: (resource: string) => boolean): number {
  let count = 0;
  for (const resource of resources) if (isAllowed(resource)) count++;
  return count;
}
