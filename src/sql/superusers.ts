import { patternsOfRoot, Schema } from '../analysis/schema.ts';
import type { Model, Namespace, Rule } from '../model/model.ts';
import { type Asking, knownOf, withResource } from './known-request.ts';
import { PolicyView } from './policy-view.ts';
import { foldRules } from './residual-rules.ts';

/**
 * The same decisions about one action without superusers: who is one is allowed by a rule on all of the namespace (S33), which
 * a deny beats as it beats a superuser.
 */
export function withoutSuperusers(model: Model, asking: Asking): Model {
  const plain: Model = {
    ...model,
    namespaces: model.namespaces.map(({ superuser: _, ...namespace }) => namespace),
  };
  const { subject, action } = asking;
  if (subject === undefined) return plain;
  const schema = new Schema(model);
  const rules = model.namespaces.flatMap((namespace) =>
    schema.isKnown(action, namespace) && isSuperuser({ plain, schema, asking }, namespace)
      ? [ruleOnAll(namespace, action)]
      : [],
  );
  return { ...plain, rules: [...plain.rules, ...rules] };
}

interface Question {
  readonly plain: Model;
  readonly schema: Schema;
  readonly asking: Asking;
}

/** S33: attributes of action and resource are those of entities alone, and nothing is allowed for want of enforcement. */
function isSuperuser({ plain, schema, asking }: Question, { superuser }: Namespace): boolean {
  if (superuser === undefined) return false;
  const { mode: _, ...enforced } = plain;
  const { subject, groups } = asking;
  const asker = { ...(subject === undefined ? {} : { subject }), groups };
  return schema.superuserActions(superuser).some((action) => {
    const asked: Asking = { ...asking, action, attributes: { subject: asking.attributes.subject } };
    const known = withResource(knownOf(plain, asked), plain, superuser);
    const { model } = foldRules(enforced, known);
    return new PolicyView(model, { asker, action, mode: undefined }).allows(superuser);
  });
}

function ruleOnAll({ roots, location }: Namespace, action: string): Rule {
  return {
    effect: 'allow',
    subjects: [{ kind: 'anyone' }],
    actions: [action],
    resources: roots
      .flatMap(patternsOfRoot)
      .map((elements) => ({ kind: 'pattern', text: JSON.stringify(elements), elements })),
    location,
    line: 1,
  };
}
