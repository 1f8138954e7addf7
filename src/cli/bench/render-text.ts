import type { BenchReport } from './report.ts';
import {
  type Table,
  tabulateBaseline,
  tabulateLatency,
  tabulateOutcomes,
  tabulatePeers,
  tabulateThroughput,
} from './tables.ts';
import {
  describeBaseline,
  describeDecidingRules,
  describeLoss,
  describePeer,
  describeRun,
  findSharedLosses,
} from './words.ts';

/** The report as aligned tables. */
export function renderReportText(report: BenchReport): string {
  const sections = [
    describeRun(report)
      .map(([label, value]) => `${label.padEnd(10)}${value}\n`)
      .join(''),
    renderTable(tabulateOutcomes(report)) + renderSentences([describeDecidingRules(report)]),
    renderTable(tabulateThroughput(report)),
    renderTable(tabulateLatency(report)),
    renderBaseline(report),
    renderPeers(report),
  ];
  return sections.filter((section) => section !== '').join('\n');
}

function renderBaseline({ baseline, requests }: BenchReport): string {
  if (baseline === undefined) return '';
  return (
    renderTable(tabulateBaseline(baseline)) + renderSentences(describeBaseline(baseline, requests.count))
  );
}

function renderPeers({ peers, requests }: BenchReport): string {
  if (peers === undefined) return '';
  const shared = findSharedLosses(peers);
  const blocks = peers.map(
    (peer) => `\n${peer.engine} ${peer.version}\n${renderSentences(describePeer(peer, shared))}`,
  );
  if (shared.length > 0)
    blocks.unshift(`\ncannot be said in any of them\n${renderSentences(shared.map(describeLoss))}`);
  return renderTable(tabulatePeers(peers, requests.count)) + blocks.join('');
}

function renderSentences(sentences: readonly string[]): string {
  return sentences.map((sentence) => `  ${sentence}\n`).join('');
}

/** The first column to the left, the others to the right; rows indented beneath their heads. */
function renderTable({ head, rows }: Table): string {
  const lines = [head, ...rows.map(([label = '', ...cells]) => [`  ${label}`, ...cells])];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => {
      const cells = line.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      );
      return `${cells.join('  ')}\n`;
    })
    .join('');
}
