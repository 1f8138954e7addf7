import { escapeText } from '../../files/quote.ts';
import type { Request } from '../../index.ts';
import type { Loss } from './peers/losses.ts';
import type { BaselineCall, BaselineFigures, BenchReport, PeerFigures, RequestFigures } from './report.ts';

/** Numbers and sentences that the reports for people share. What comes from a policy or a request is printable in them. */

/** `320 ns`, `1.23 µs`, `12.3 ms`: three digits are more than a second run will repeat. */
export function renderNs(ns: number): string {
  if (ns < 999.5) return `${threeDigits(ns)} ns`;
  if (ns < 999_500) return `${threeDigits(ns / 1e3)} µs`;
  return ns < 999.5e6 ? `${threeDigits(ns / 1e6)} ms` : `${threeDigits(ns / 1e9)} s`;
}

export function renderMs(ms: number): string {
  return renderNs(ms * 1e6);
}

/** At least three digits, and no more of them than a measurement has. */
export function threeDigits(value: number): string {
  if (value >= 100) return renderCount(Number(value.toPrecision(3)));
  return value.toPrecision(3);
}

export function renderCount(count: number): string {
  return Math.round(count).toLocaleString('en');
}

export function renderCounted(count: number, one: string, many: string): string {
  return `${renderCount(count)} ${count === 1 ? one : many}`;
}

export function renderShare(part: number, whole: number): string {
  return `${((part / whole) * 100).toFixed(1)} %`;
}

/** Beside a small image what the collector gives back meanwhile may outweigh it. */
function renderMemory(retainedBytes: number): string {
  if (retainedBytes <= 0) return 'less than can be told from what else a process holds';
  return `${renderCount(retainedBytes)} bytes of heap and buffers once loaded`;
}

/** How things stand, a label and a value each. */
export function describeRun({ policy, requests, machine }: BenchReport): [label: string, value: string][] {
  const sources = policy.sources.map(escapeText).join(' ');
  const mode = policy.mode === undefined ? '' : `, mode ${escapeText(policy.mode)}`;
  const firstLoad =
    policy.inNewProcess === undefined
      ? ''
      : `, ${renderMs(policy.inNewProcess.loadMs)} the first time in a new process`;
  const memory =
    policy.inNewProcess === undefined
      ? 'not measured: no process of its own could be started'
      : renderMemory(policy.inNewProcess.retainedBytes);
  return [
    [
      'policy',
      `${sources}: ${renderCounted(policy.ruleCount, 'rule', 'rules')}${mode}, revision ${policy.revision}`,
    ],
    ['requests', describeRequests(requests)],
    [
      'build',
      policy.buildMs === undefined
        ? 'none: this is an image'
        : `${renderMs(policy.buildMs)} from text to image`,
    ],
    ['load', `${renderMs(policy.loadMedianMs)}${firstLoad}`],
    ['image', `${renderCount(policy.imageBytes)} bytes`],
    ['memory', memory],
    [
      'machine',
      `${escapeText(machine.processor)}, ${renderCounted(machine.processorCount, 'processor', 'processors')}, ${machine.platform}, Node.js ${machine.node}, ${machine.measuredAt}`,
    ],
  ];
}

function describeRequests({ file, seed, count, plainCount, strings }: RequestFigures): string {
  const origin = file === undefined ? `generated from the rules, seed ${seed}` : `from ${escapeText(file)}`;
  const rest = count - plainCount;
  const carrying =
    rest === 0 ? '' : `; ${renderCount(rest)} with groups, attributes or a context, for decide alone`;
  return `${renderCount(count)} ${origin}, ${strings} strings${carrying}`;
}

export function describeDecidingRules({ requests, policy }: BenchReport): string {
  return `${renderCount(requests.decidingRuleCount)} of ${renderCount(policy.ruleCount)} rules decided at least one request`;
}

function renderRequest({ subject, action, resource }: Request): string {
  const word = (value: unknown, absent: string): string =>
    value === undefined ? absent : typeof value === 'string' ? escapeText(value) : JSON.stringify(value);
  return `${word(subject, 'anyone')} ${word(action, 'no action')} ${word(resource, 'every resource')}`;
}

/** How the policy stands to its baseline, a sentence each. */
export function describeBaseline(baseline: BaselineFigures, requestCount: number): string[] {
  const sentences = baseline.calls.map((call) => describeRatio(call, baseline.maxRatio));
  const { differingCount, firstDifference } = baseline;
  if (firstDifference === undefined) return [...sentences, 'both decide every request alike'];
  const { request, policy, baseline: other } = firstDifference;
  return [
    ...sentences,
    `note: ${renderCount(differingCount)} of ${renderCount(requestCount)} requests are decided otherwise; the first is ${renderRequest(request)}: the policy says ${policy}, the baseline ${other}`,
  ];
}

/** Only those calls that take longer than they may. */
export function describeRegressions({ calls, maxRatio }: BaselineFigures): string[] {
  return calls
    .filter(({ ratio }) => maxRatio !== undefined && ratio > maxRatio)
    .map((call) => describeRatio(call, maxRatio));
}

function describeRatio({ call, ratio }: BaselineCall, maxRatio: number | undefined): string {
  const verdict = `${call} takes ${ratio.toFixed(2)} times what it takes with the baseline`;
  if (maxRatio === undefined) return verdict;
  if (ratio <= maxRatio) return `${verdict}, and ${maxRatio} is allowed`;
  return `regression: ${verdict}, ${renderShare(ratio - maxRatio, maxRatio)} above the ${maxRatio} that is allowed`;
}

/** How another engine was asked, and what could not be asked or said; losses that `shared` names are told elsewhere. */
export function describePeer(peer: PeerFigures, shared: readonly Loss[]): string[] {
  const sentences = [`given ${peer.size} in ${renderMs(peer.buildMs)}`];
  if (peer.firstDifference !== undefined) {
    const { request, ours, theirs } = peer.firstDifference;
    const answers = `we say ${ours}, it says ${escapeText(theirs)}`;
    sentences.push(
      `not comparable: ${renderCounted(peer.differingCount, 'request', 'requests')} answered otherwise; the first is ${renderRequest(request)}: ${answers}`,
    );
  }
  if (peer.unaskableCount > 0)
    sentences.push(
      `not comparable: ${renderCounted(peer.unaskableCount, 'request', 'requests')} with groups, attributes or a context, or without a resource`,
    );
  if (peer.unaskedCount > 0)
    sentences.push(
      `not asked: ${renderCounted(peer.unaskedCount, 'request', 'requests')}, because the time was up; a longer --seconds asks more`,
    );
  for (const loss of peer.losses) {
    if (!shared.some(({ what }) => what === loss.what))
      sentences.push(`cannot be said there: ${describeLoss(loss)}`);
  }
  if (peer.losses.length === 0) sentences.push('everything in the policy could be said there');
  return sentences;
}

/** What none of the engines can say, so that it need not be read as often as there are engines. */
export function findSharedLosses(peers: readonly PeerFigures[]): readonly Loss[] {
  const [first, ...others] = peers;
  if (first === undefined || others.length === 0) return [];
  return first.losses.filter(({ what }) =>
    others.every(({ losses }) => losses.some((loss) => loss.what === what)),
  );
}

export function describeLoss({ what, count, first }: Loss): string {
  return `${what}: ${renderCount(count)}, the first at ${escapeText(first)}`;
}

export function renderAdvantage(ratio: number): string {
  return ratio >= 1 ? `${threeDigits(ratio)} times as fast` : `${threeDigits(1 / ratio)} times as slow`;
}
