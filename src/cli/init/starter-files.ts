import { findKnownRules } from './known-findings.ts';
import { probePolicy } from './probe-policy.ts';
import type { NewFile } from './write-folder.ts';

/** The files of a starter folder, around an imported policy if there is one. */
export function starterFiles(imported: string | undefined): readonly NewFile[] {
  const policies =
    imported === undefined ? [{ path: 'policies/wiki.acl', text: samplePolicy }] : importedFiles(imported);
  return [
    ...policies,
    { path: 'postern.lint.json', text: configurationFor(imported) },
    { path: 'README.md', text: readmeFor(imported), isOptional: true },
    { path: 'package.json', text: manifest, isOptional: true },
  ];
}

function importedFiles(text: string): NewFile[] {
  const tests = probePolicy({ file: importedPath, text }, targetOf(text));
  return [
    { path: importedPath, text },
    { path: 'policies/imported.tests.acl', text: tests },
  ];
}

const importedPath = 'policies/imported.acl';

const samplePolicy = `# Who may do what in a wiki. Replace it with your own: names, resources and tests.

namespace wiki {
  ## Whoever administers may do everything.
  action administer implies view, edit, remove
  ## A page and all beneath it.
  resource wiki:/[<path...>] { actions view, edit, remove, administer }
}

group editors { user:edna, user:ed }
group admins  { user:ada }

## Public pages are for everybody, even without a login.
@owner("wiki-team")
allow anyone to view on wiki:/public

## The team reads everything else as well.
@owner("wiki-team")
allow authenticated to view on wiki:/team

## Editors write, and remove drafts only.
@owner("wiki-team")
allow group:editors {
  edit   on wiki:/team
  remove on wiki:/team/drafts
}

@owner("wiki-team")
allow group:admins to administer on wiki:/

## What is archived stays: a deny wins over every allow.
@id("archive-stays") @owner("records")
deny anyone to edit, remove on wiki:/team/archive

test "readers" {
  allow anyone   to view on wiki:/public/start
  deny  anyone   to view on wiki:/team/plan
  allow user:kim to view on wiki:/team/plan
  deny  user:kim to edit on wiki:/team/plan
}

test "editors write, and remove drafts only" {
  allow user:edna to edit   on wiki:/team/plan
  allow user:ed   to remove on wiki:/team/drafts/old
  deny  user:edna to remove on wiki:/team/plan
}

test "nobody changes the archive" {
  allow user:ada to remove on wiki:/team/plan
  deny  user:ada to remove on wiki:/team/archive/2020
  deny  user:ed  to edit   on wiki:/team/archive/2020
  allow user:ed  to view   on wiki:/team/archive/2020
}
`;

/**
 * An imported policy says what a system does today: what the linter finds in it is for people to judge, and shown, but no
 * reason to fail before the first change. Everything else fails as it should.
 */
function configurationFor(imported: string | undefined): string {
  return `${JSON.stringify(imported === undefined ? { extends: ['recommended'] } : importedConfiguration(imported), null, 2)}\n`;
}

function importedConfiguration(text: string): object {
  const target = targetOf(text);
  const known = findKnownRules({ file: importedPath, text }, target);
  const rules = Object.fromEntries(known.map((rule) => [rule, 'info']));
  const base = { extends: ['recommended', target], target };
  return known.length === 0 ? base : { ...base, overrides: [{ files: [importedPath], rules }] };
}

function targetOf(imported: string): 'mesos' | 'dcos' {
  return imported.includes('"postern:mesos"') ? 'mesos' : 'dcos';
}

function readmeFor(imported: string | undefined): string {
  const first = imported === undefined ? 'policies/wiki.acl' : 'policies/imported.acl';
  return `# Access policies

Who may do what, as text that is reviewed, tested and compiled. It begins with [${first}](${first}).

    postern fmt              lays the policies out in the one canonical way
    postern lint             finds mistakes, risks and dead rules
    postern test             runs the \`test\` blocks
    postern check user:NAME ACTION RESOURCE -p policies/   answers one question

\`npm run verify\` does the first three and changes nothing: let it run on every pull request.
\`postern.lint.json\` says which rules of the linter hold; \`postern lint --rules\` lists them.
`;
}

const manifest = `${JSON.stringify(
  {
    private: true,
    scripts: {
      fmt: 'postern fmt',
      verify: 'postern fmt --check && postern lint && postern test',
    },
    devDependencies: { postern: '*' },
  },
  null,
  2,
)}
`;
