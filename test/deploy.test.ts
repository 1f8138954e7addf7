import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../src/service/config/config-schema.ts';
import { startTested } from './support/operated-service.ts';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const page = readFileSync(join(docs, 'deploy.md'), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

describe('docs/deploy.md', () => {
  test('tells of every metric of the service, and of no other', async () => {
    const { address, check, write, failures } = await startTested({
      settings: { decisionLog: { to: '/dev/null' } },
    });
    await check('user:cory', 'doc:/a');
    write('policy/a.acl', 'allow');
    await expect.poll(() => failures.length).toBe(1);
    const text = await (await fetch(`${address}/metrics`)).text();
    const there = [...text.matchAll(/^# TYPE (postern_\w+) /gm)].map(([, name]) => name!);
    const told = [...page.matchAll(/`(postern_\w+)/g)].map(([, name]) => name!);
    expect([...new Set(told)].sort()).toEqual(there.sort());
  });

  test('names settings of the decision log that there are', () => {
    const { properties } = configSchema.properties.decisionLog;
    const rows = [...page.matchAll(/^\| (`[\w`, ]+`) \| .*\|$/gm)].flatMap(([, names]) => names!.split(', '));
    const settings = rows
      .map((name) => name.replaceAll('`', ''))
      .filter((name) => Object.hasOwn(properties, name));
    const others = ['to', 'whenFull', 'bufferBytes'];
    expect([...new Set([...settings, ...others])].sort()).toEqual(Object.keys(properties).sort());
  });

  test.skipIf(!hasSystemd)('has a unit that systemd takes, and that exposes little', () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-unit-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const unit = join(folder, 'postern.service');
    const text = readFileSync(join(docs, 'deploy/postern.service'), 'utf8');
    // Where Node.js lies is no matter of the unit.
    writeFileSync(unit, text.replace('/usr/bin/node', process.execPath));
    const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    const rating = execFileSync('systemd-analyze', ['security', '--offline=true', unit], {
      encoding: 'utf8',
    });
    expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(rating)?.[1])).toBeLessThan(2);
  });
});
