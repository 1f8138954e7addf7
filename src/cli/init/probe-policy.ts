import { Authorizer, build, formatSource, type Source } from '../../index.ts';

/** What is asked about first in an imported policy: what may somebody whom it does not know? */
const probes = {
  dcos: ['user:a-stranger to full on dcos:superuser', 'anyone to read on dcos:secrets:default:/a-secret'],
  mesos: ['principal:a-stranger to run_tasks on mesos:user:root', 'anyone to run_tasks on mesos:user:root'],
} as const;

/** A file of tests for an imported policy that hold today: what it decides about a stranger. */
export function probePolicy(source: Source, target: keyof typeof probes): string {
  const built = build([source]);
  const authorizer = built.ok ? Authorizer.fromImage(built.image) : undefined;
  const cases = probes[target].map((probe) => {
    const [, subject, action, resource] = /^(\S+) to (\S+) on (\S+)$/.exec(probe)!;
    const request = {
      action: action!,
      resource: resource!,
      ...(subject !== 'anyone' && { subject: subject! }),
    };
    return `${authorizer?.decide(request).decision ?? 'deny'} ${probe}`;
  });
  const text = `# What the imported policy decides today about those whom it does not know. Add what your teams rely on.

test "strangers" {
${cases.join('\n')}
}
`;
  const formatted = formatSource({ file: source.file, text });
  return formatted.ok ? formatted.text : text;
}
