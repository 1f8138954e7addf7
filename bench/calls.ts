/** What does each way to ask cost? The calls of the library side by side, on 10,000 rules. */
import benny from 'benny';
import { Authorizer } from '../src/index.ts';
import { createWorkload } from './workload.ts';

const { sources, requests } = createWorkload(10_000, 10_000);
const authorizer = Authorizer.fromSources(sources);
const [subject, action] = requests[0]!;
const approver = authorizer.approver(subject, action);
const resources = requests.slice(0, 100).map(([, , resource]) => resource);
let next = 0;

/** The next request, in turn: no call gets the same one twice in a row. */
function request(): (typeof requests)[number] {
  next = next + 1 === requests.length ? 0 : next + 1;
  return requests[next]!;
}

await benny.suite(
  'one decision on 10,000 rules',
  benny.add('isAllowed', () => {
    const [who, what, where] = request();
    authorizer.isAllowed(who, what, where);
  }),
  benny.add('decide', () => {
    const [who, what, where] = request();
    authorizer.decide({ subject: who, action: what, resource: where });
  }),
  benny.add('decide with two groups and a context', () => {
    const [who, what, where] = request();
    authorizer.decide({
      subject: who,
      action: what,
      resource: where,
      groups: ['g1', 'g2'],
      context: { ip: '10.0.0.1' },
    });
  }),
  benny.add('approver.allows', () => {
    approver.allows(request()[2]);
  }),
  benny.add('filter of 100 resources', () => {
    authorizer.filter(subject, action, resources);
  }),
  benny.add('explain', () => {
    const [who, what, where] = request();
    authorizer.explain({ subject: who, action: what, resource: where });
  }),
  benny.cycle(),
  benny.complete(),
);
