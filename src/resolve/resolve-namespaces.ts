import { checkAction } from '../id/check-id.ts';
import { describeFault, FAULT_NONE } from '../id/faults.ts';
import type { Implication, Namespace, NamespaceRoot, Template } from '../model/model.ts';
import type { Location } from '../source/span.ts';
import type { ActionStatement, NameNode, NamespaceStatement, ResourceNode } from '../syntax/ast.ts';
import type { Finding } from './reporter.ts';
import { resolveLiteral } from './resolve-pattern.ts';
import { formOf, resolveTemplate } from './resolve-template.ts';

type Report = (finding: Finding) => void;

/** A namespace as one statement declares it; that names are unique is checked over the whole policy set. */
export function resolveNamespace(node: NamespaceStatement, file: string, report: Report): Namespace {
  const implications: Implication[] = [];
  const templates: Template[] = [];
  const forms = new Map<string, Location>();
  let superuser: string | undefined;
  for (const member of node.members) {
    if (member.kind === 'action') implications.push(resolveImplication(member, report));
    else if (member.kind === 'superuser') {
      const id = resolveLiteral(member.resource, 'resource');
      if (!id.ok) report(id.finding);
      else if (superuser !== undefined) {
        report({
          code: 'P1001',
          span: member.span,
          message: 'a namespace has one superuser',
          help: 'delete one of the two',
        });
      } else superuser = id.value;
    } else {
      const template = resolveResourceNode(member, file, forms, report);
      if (template !== undefined) templates.push(template);
    }
  }
  return {
    name: node.name.text,
    location: { file, span: node.name.span },
    isClosed: node.isClosed,
    roots: rootsOf(node.name.text, templates),
    implications,
    ...(superuser === undefined ? {} : { superuser }),
    templates,
  };
}

export function resolveImplication(node: ActionStatement, report: Report): Implication {
  return {
    action: resolveAction(node.name, report),
    implies: node.implies.map((name) => resolveAction(name, report)),
  };
}

/** The action's text; what is wrong with it is reported once, here. */
export function resolveAction(name: NameNode, report: Report): string {
  const fault = checkAction(name.text);
  if (fault !== FAULT_NONE) {
    report({
      code: 'P1021',
      span: name.span,
      message: `invalid action: it ${describeFault(fault)}`,
      help: 'an action is a name of at most 256 characters',
    });
  }
  return name.text;
}

function resolveResourceNode(
  node: ResourceNode,
  file: string,
  forms: Map<string, Location>,
  report: Report,
): Template | undefined {
  const actions = node.actions?.map((name) => resolveAction(name, report));
  const parts = resolveTemplate(node.template, report);
  if (parts === undefined) return undefined;
  const location = { file, span: node.template.span };
  const form = formOf(parts);
  const earlier = forms.get(form);
  if (earlier !== undefined) {
    report({
      code: 'P1001',
      span: location.span,
      message: 'two templates describe the same ids',
      help: 'delete one, or join their actions',
      related: [{ ...earlier, text: 'first described here' }],
    });
    return undefined;
  }
  forms.set(form, location);
  return {
    text: form,
    location,
    parts,
    ...(actions === undefined ? {} : { actions }),
    ...(node.enforcedIn === undefined
      ? {}
      : {
          enforcedIn: node.enforcedIn.map(({ mode, authenticatedOnly }) => ({
            mode: mode.text,
            authenticatedOnly,
          })),
        }),
  };
}

/** The first elements of the namespace's ids (S31). */
function rootsOf(name: string, templates: readonly Template[]): readonly NamespaceRoot[] {
  const roots: NamespaceRoot[] = [{ kind: 'segment', text: name }];
  // No segment is empty: that is the key of the path.
  const seen = new Set([name]);
  for (const { parts } of templates) {
    const first = parts[0];
    if (first?.kind !== 'text') continue;
    const root: NamespaceRoot = first.text.startsWith('/')
      ? { kind: 'path' }
      : { kind: 'segment', text: first.text.split(/[:/]/, 1)[0]! };
    const key = root.kind === 'path' ? '' : root.text;
    if (!seen.has(key)) roots.push(root);
    seen.add(key);
  }
  return roots;
}
