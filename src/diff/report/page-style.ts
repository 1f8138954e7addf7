/** Light, or dark where the reader's system is; on paper everything is open and black on white. */
export const pageStyle = `
:root { color-scheme: light dark; --text: #1c2024; --dim: #5b616a; --line: #d9dce1; --page: #fff; --soft: #f3f4f6;
  --gained: #8a4b00; --gained-soft: #fdf3e3; --lost: #0b5fc0; --lost-soft: #eaf2fd; --open: #6b3fa0; --open-soft: #f4eefb; }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e6e8eb; --dim: #a0a5ad; --line: #363a40; --page: #16181b; --soft: #202327;
    --gained: #f2b263; --gained-soft: #33260f; --lost: #7db4ff; --lost-soft: #14263f; --open: #c7a4f2; --open-soft: #2a1f3a; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; }
.gained h2 { color: var(--gained); } .lost h2 { color: var(--lost); } .undecided h2 { color: var(--open); }
p { margin: .5rem 0; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 0 0 1rem; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
a { color: inherit; }
.counts { display: flex; flex-wrap: wrap; gap: .75rem; list-style: none; margin: 1rem 0; padding: 0; }
.counts a { display: block; min-width: 9rem; padding: .6rem .9rem; border: 1px solid var(--line); border-left-width: 5px;
  text-decoration: none; }
.counts b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.counts .gained a { border-left-color: var(--gained); background: var(--gained-soft); }
.counts .lost a { border-left-color: var(--lost); background: var(--lost-soft); }
.counts .undecided a { border-left-color: var(--open); background: var(--open-soft); }
.tools { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin: 1rem 0; padding: .6rem 0; }
.tools[hidden] { display: none; }
.tools label { display: flex; flex: 1 1 18rem; gap: .5rem; align-items: center; }
.tools input { flex: 1; min-width: 8rem; }
.tools input, .tools button { font: inherit; padding: .3rem .6rem; color: inherit; background: var(--soft);
  border: 1px solid var(--line); border-radius: 4px; }
.tools output { color: var(--dim); }
summary { cursor: pointer; padding: .2rem .3rem; border-radius: 3px; }
summary:hover { background: var(--soft); }
:focus-visible { outline: 2px solid var(--lost); outline-offset: 1px; }
.subject { border: 1px solid var(--line); border-radius: 5px; margin: .6rem 0; padding: .3rem .6rem; }
.subject > summary { font-weight: 600; }
.count { color: var(--dim); font-weight: 400; font-size: .875rem; }
.branch { margin-left: 1.1rem; border-left: 1px solid var(--line); padding-left: .5rem; }
.change { margin: .25rem 0 .25rem 1.35rem; padding: .1rem .3rem .1rem .7rem; border-left: 3px solid var(--line); }
.change:target { background: var(--soft); }
.gained .change { border-left-color: var(--gained); } .lost .change { border-left-color: var(--lost); }
.undecided .change { border-left-color: var(--open); }
.what { font-weight: 600; } .gained .what { color: var(--gained); } .lost .what { color: var(--lost); }
.undecided .what { color: var(--open); }
.change p { margin: .1rem 0; }
.dim { color: var(--dim); font-size: .875rem; }
.command { display: block; margin: .25rem 0; padding: .35rem .6rem; background: var(--soft); border-radius: 4px;
  white-space: pre-wrap; user-select: all; }
.rules { margin: .2rem 0; padding-left: 1.2rem; }
[hidden] { display: none !important; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } .change { margin-left: .4rem; } .branch { margin-left: .35rem; } }
@media print { .tools { display: none; } main { max-width: none; padding: 0; } .change { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; } }
`;
