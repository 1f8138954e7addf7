/** Light, or dark where the reader's system is; on paper always light. Allow and deny differ in shape and dashes too. */
export const graphStyle = `
.page { fill: #fff; }
text { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre; }
.summary, .columnHead, .faint { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
.summary { font-size: 14px; font-weight: 600; }
.columnHead, .faint, .fold { fill: #59636e; }
.fold { font-style: italic; }
.box, .pill { fill: #f6f8fa; stroke: #818b98; }
.group { fill: #eaeef2; stroke-width: 2; }
.line, .branch, .dots { fill: none; }
.line { stroke: #818b98; stroke-width: 1.2; }
.line:hover { stroke-width: 3; }
.head { fill: #818b98; }
.branch { stroke: #b7bfc8; }
.dots { stroke: #b7bfc8; stroke-dasharray: 1 4; stroke-linecap: round; }
.line.allow, .allow .pill { stroke: #0b63c5; }
.line.deny, .deny .pill { stroke: #b3261e; stroke-dasharray: 5 3; }
.allow .pill { fill: #eff5fd; } .deny .pill { fill: #fdf1f0; }
.allow text { fill: #0a4f9e; } .deny text { fill: #8f1d17; font-weight: 600; }
@media screen and (prefers-color-scheme: dark) {
  .page { fill: #0d1117; } text { fill: #e6edf3; } .columnHead, .faint, .fold { fill: #9198a1; }
  .box, .pill { fill: #161b22; stroke: #7d8590; } .group { fill: #212830; }
  .line { stroke: #7d8590; } .head { fill: #7d8590; } .branch, .dots { stroke: #3d444d; }
  .line.allow, .allow .pill { stroke: #6cb6ff; } .line.deny, .deny .pill { stroke: #ff8a80; }
  .allow .pill { fill: #0f2138; } .deny .pill { fill: #331614; }
  .allow text { fill: #a5d3ff; } .deny text { fill: #ffb4ac; }
}
`;
