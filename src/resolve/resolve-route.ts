import { scanId } from '../id/check-id.ts';
import { IdElements } from '../id/elements.ts';
import { describeFault, FAULT_NONE } from '../id/faults.ts';
import type { CaptureElement, Route, RouteSegment } from '../model/model.ts';
import type { RequirementNode, RouteStatement } from '../syntax/ast.ts';
import type { Finding } from './reporter.ts';
import { resolveAction } from './resolve-namespaces.ts';

const scratch = new IdElements();

/** A route with its path cut into segments and its requirements into text and captures (S65, S66). */
export function resolveRoute(
  node: RouteStatement,
  file: string,
  line: number,
  report: (finding: Finding) => void,
): Route | undefined {
  const method = node.method.text === 'any' ? 'any' : node.method.text;
  if (method !== 'any' && !/^[A-Z][A-Z-]*$/.test(method)) {
    report({
      code: 'P1015',
      span: node.method.span,
      message: `invalid method \`${method}\``,
      help: `write \`any\` or a method in capitals, such as \`${method.toUpperCase()}\``,
    });
    return undefined;
  }
  const segments = resolvePath(node, report);
  if (segments === undefined) return undefined;
  const last = segments.at(-1);
  const takesSlash =
    segments.length > 0 && (node.path.value.endsWith('/') || (last?.kind === 'any' && last.isMany));
  const captures = new Set(segments.flatMap((segment) => (segment.kind === 'capture' ? [segment.name] : [])));
  const requirements = node.requirements.map((requirement) => ({
    action: resolveAction(requirement.action, report),
    resource: resolveRequirement(requirement, captures, report),
  }));
  return {
    method,
    path: node.path.value,
    segments,
    ...(takesSlash ? { takesSlash } : {}),
    requirements,
    location: { file, span: node.path.span },
    line,
  };
}

/** The segments of the path; a slash at the end is none. */
function resolvePath(node: RouteStatement, report: (finding: Finding) => void): RouteSegment[] | undefined {
  const fail = (message: string, help: string): undefined => {
    report({ code: 'P1015', span: node.path.span, message, help });
    return undefined;
  };
  const path = node.path.value;
  if (!path.startsWith('/'))
    return fail('a route begins with `/`', 'write the path as a request carries it, without host');
  if (path === '/') return [];
  const segments: RouteSegment[] = [];
  const names = new Set<string>();
  for (const text of path
    .replace(/(?<=.)\/$/, '')
    .slice(1)
    .split('/')) {
    if (text === '')
      return fail(
        'a route has no empty segment',
        'write one `/` between segments and at most one at the end',
      );
    if (text === '*' || text === '**') {
      segments.push({ kind: 'any', isMany: text === '**' });
      continue;
    }
    const capture = /^\{([A-Za-z_][A-Za-z0-9_-]*)(\*\*)?\}$/.exec(text);
    if (capture === null) {
      if (/[{}*?#%\\]/.test(text) || /^\.\.?(;|$)/.test(text)) {
        return fail(
          `invalid segment \`${text}\` in a route`,
          'a segment is plain decoded text, or all of it `{id}`, `{path**}`, `*` or `**`',
        );
      }
      segments.push({ kind: 'literal', text });
      continue;
    }
    const name = capture[1]!;
    if (names.has(name))
      return fail(`the route captures \`${name}\` twice`, 'give the second one another name');
    names.add(name);
    segments.push({ kind: 'capture', name, isMany: capture[2] !== undefined });
  }
  if (segments.filter((segment) => segment.kind !== 'literal' && segment.isMany).length > 1)
    return fail('a route has at most one `{x**}` or `**`', 'make the others single segments');
  return segments;
}

function resolveRequirement(
  { resource }: RequirementNode,
  captures: ReadonlySet<string>,
  report: (finding: Finding) => void,
): CaptureElement[] {
  const elements: CaptureElement[] = [];
  for (const part of resource.parts) {
    if (part.kind === 'text') elements.push({ kind: 'text', text: part.text });
    else if (part.kind !== 'variable') {
      report({
        code: 'P1015',
        span: part.span,
        message: 'a route requires single ids',
        help: 'write an id, with variables of the path in braces',
      });
    } else if (!captures.has(part.name)) {
      report({
        code: 'P1015',
        span: part.span,
        message: `the path captures no \`${part.name}\``,
        help: `write \`{${part.name}}\` or \`{${part.name}**}\` into the path`,
      });
    } else elements.push({ kind: 'capture', name: part.name });
  }
  const sample = elements.map((element) => (element.kind === 'text' ? element.text : 'x')).join('');
  const fault = elements.length === resource.parts.length ? scanId(sample, scratch) : FAULT_NONE;
  if (fault !== FAULT_NONE) {
    report({
      code: 'P1005',
      span: resource.span,
      message: `malformed id: it ${describeFault(fault)}`,
      help: 'write the id as a request would carry it',
    });
  }
  return elements;
}
