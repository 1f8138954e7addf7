import type { Why } from '../answer.ts';
import type { Opened } from '../opened-access.ts';

/** An answer as one JSON object: patterns are texts, and what these are made of is no contract. */
export function renderWhyJson(why: Why): string {
  const suggestions = why.suggestions.map(({ edits, opens }) => ({ edits, opens: withoutElements(opens) }));
  return JSON.stringify({ ...why, suggestions });
}

/** Only here: elsewhere a member of that name may be one of the request. */
function withoutElements(opens: Opened): unknown {
  return JSON.parse(
    JSON.stringify(opens, (key, value: unknown) => (key === 'elements' ? undefined : value)),
  ) as unknown;
}
