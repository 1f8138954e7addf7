/**
 * What does each way to ask cost? The calls of the library side by side, by benny, on 10,000 rules.
 *
 *     node bench/calls.ts [--rules 10000] [--requests 50000] [--samples 20]
 *
 * Of calls that answer for many resources at once benny counts calls; the last lines say what that is for one decision. The
 * strings are those of the round before: see `bench/size.ts` for fresh ones.
 */
import benny from 'benny';
import { checkAnswers, createCluster, loadCluster, plainRequests } from './support/cluster.ts';
import { readNumbers } from './support/options.ts';

const options = readNumbers({ rules: '10000', requests: '50000', samples: '20' });
/** How many decisions a call makes that makes many. */
const MANY = 64;

const cluster = createCluster(options.rules[0]!, options.requests[0]!);
const authorizer = loadCluster(cluster);
const requests = plainRequests(cluster.requests);
const batches = Array.from({ length: Math.floor(requests.length / MANY) }, (_, i) =>
  requests.slice(i * MANY, (i + 1) * MANY),
);
const withMore = requests.map((request) => ({
  ...request,
  groups: ['g1', 'g2'],
  context: { ip: '10.0.0.1' },
}));
const handles = requests.map(({ subject, action, resource }) => ({
  subject: authorizer.subject(subject),
  action,
  resource: authorizer.resource(resource),
}));
const { subject, action } = requests[0]!;
const approver = authorizer.approver(subject, action);

checkAnswers('decide', cluster, (at) => authorizer.decide(requests[at]!).decision === 'allow');
checkAnswers('handles', cluster, (at) => {
  const handle = handles[at]!;
  return authorizer.isAllowed(handle.subject, handle.action, handle.resource);
});
const inBatches = batches.flatMap((batch) => authorizer.areAllowed(batch));
checkAnswers(
  'areAllowed',
  { ...cluster, expected: cluster.expected.slice(0, inBatches.length) },
  (at) => inBatches[at]!,
);
for (const { resource } of requests) {
  if (approver.allows(resource) !== authorizer.isAllowed(subject, action, resource))
    throw new Error(`the approver decides otherwise on ${resource}`);
}

/** One after the other, again from the start behind the last: no call gets the same one twice in a row. */
function inTurn<Item>(items: readonly Item[]): () => Item {
  let next = 0;
  return () => {
    next = next + 1 === items.length ? 0 : next + 1;
    return items[next]!;
  };
}

const request = inTurn(requests);
const requestWithMore = inTurn(withMore);
const handle = inTurn(handles);
const batch = inTurn(batches);
const resources = inTurn(batches.map((each) => each.map((one) => one.resource)));

const summary = await benny.suite(
  `one call on ${cluster.rules} rules`,
  benny.add('isAllowed', () => {
    const asked = request();
    return authorizer.isAllowed(asked.subject, asked.action, asked.resource);
  }),
  benny.add('isAllowed, subject by handle', () => {
    const asked = handle();
    return authorizer.isAllowed(asked.subject, asked.action, asked.resource.id);
  }),
  benny.add('isAllowed, both by handle', () => {
    const asked = handle();
    return authorizer.isAllowed(asked.subject, asked.action, asked.resource);
  }),
  benny.add('approver.allows', () => approver.allows(request().resource)),
  benny.add('decide', () => authorizer.decide(request())),
  benny.add('decide, with two groups and a context', () => authorizer.decide(requestWithMore())),
  benny.add(`areAllowed of ${MANY}`, () => authorizer.areAllowed(batch())),
  benny.add(`decideAll of ${MANY}`, () => authorizer.decideAll(batch())),
  benny.add(`filter of ${MANY}`, () => authorizer.filter(subject, action, resources())),
  benny.add('explain', () => authorizer.explain(request())),
  benny.configure({ cases: { minSamples: options.samples[0]!, maxTime: 0.5 } }),
  benny.complete(),
);
for (const { name, details } of summary.results) {
  const decisions = name.endsWith(`of ${MANY}`) ? MANY : 1;
  const ns = (details.median * 1e9) / decisions;
  console.log(`${name.padEnd(40)} ${ns.toFixed(0).padStart(8)} ns a decision`);
}
