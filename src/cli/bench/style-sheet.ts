/** Light, or dark where the reader's system is. */
export const styleSheet = `
:root { color-scheme: light dark; --text: #1c2024; --dim: #60646c; --line: #d9dce1; --page: #fff; --track: #eef0f3;
  --own: #2463c9; --second: #7aa7ea; --other: #b4552d; --other-second: #e0a07f; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e8eb; --dim: #a0a5ad; --line: #363a40; --page: #16181b; --track: #24272c;
    --own: #6ea3f5; --second: #3d66a8; --other: #e08a5f; --other-second: #8f5437; --bad: #f2726b; }
}
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; }
dt { color: var(--dim); }
dd, li { margin: 0; overflow-wrap: anywhere; }
p { margin: .75rem 0; overflow-wrap: anywhere; }
.verdict { padding: .6rem .9rem; border-left: 4px solid var(--bad); background: var(--track); font-weight: 600; }
ul { margin: .75rem 0 0; padding-left: 1.25rem; }
figure { margin: 0 0 1rem; }
figcaption { color: var(--dim); font-size: .85rem; }
svg text { fill: var(--text); font-size: 14px; }
svg .title { font-weight: 600; }
svg .figure { text-anchor: end; font-variant-numeric: tabular-nums; }
.track { fill: var(--track); } .own { fill: var(--own); } .second { fill: var(--second); }
.other { fill: var(--other); } .otherSecond { fill: var(--other-second); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--dim); font-weight: 500; }
tbody th { font-weight: 500; }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
`;
