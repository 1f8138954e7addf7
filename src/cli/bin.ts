#!/usr/bin/env node
// Node reads this file whatever its age, so there is no syntax in it that an old one lacks and no static import: those are
// loaded, and would fail, before the first line runs.
const version = process.versions.node.split('.');
const major = Number(version[0]);
const minor = Number(version[1]);

if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(`postern: needs Node.js 22.13 or newer, this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  import('./main.ts').then(
    ({ runProcess }) => runProcess(),
    (error) => {
      process.stderr.write(`postern: cannot start: ${error.message}: install the package anew\n`);
      process.exitCode = 4;
    },
  );
}
