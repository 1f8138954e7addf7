import type { Template, TemplateElement } from '../../model/model.ts';

/** A template in a message. The names of its values are not in the model; what kind of value stands where is. */
export function describeTemplate({ parts }: Template): string {
  return parts.map(describePart).join('');
}

function describePart(part: TemplateElement): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'value':
      return '<value>';
    case 'path':
      return part.separator === '/' ? '<path...>' : `<path... by "${part.separator}">`;
    case 'optional':
      return `[${part.parts.map(describePart).join('')}]`;
  }
}
