"""How the page looks: on a screen, light or dark, on a phone, on paper; never by colour alone."""

STYLE = """
:root {
  color-scheme: light dark; --ink: #1b2130; --paper: #ffffff; --soft: #566070; --line: #d6dce6; --tint:
  #f4f6fa; --good: #0a6b3d; --bad: #a8171b; --unclear: #7a5200; --link: #1450a3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7eaf0; --paper: #12151b; --soft: #a3adbc; --line: #333b49; --tint: #1a1f28; --good: #6fd3a0;
    --bad: #ff9a94; --unclear: #f0c674; --link: #8fbcff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 64rem; padding: 1.5rem 1.25rem 4rem; color: var(--ink); background:
  var(--paper); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans",
  sans-serif; overflow-wrap: break-word;
}
a { color: var(--link); }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .92em; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.name { margin: 0; color: var(--soft); font-weight: 600; letter-spacing: .02em; }
h1 { font-size: clamp(1.4rem, 5vw, 2rem); line-height: 1.25; margin: .1rem 0 1rem; text-wrap: balance; }
h2 { font-size: 1.35rem; margin: 3rem 0 .6rem; padding-top: 1rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.08rem; margin: 2rem 0 .2rem; }
p { margin: .5rem 0; max-width: 46rem; }
dd p { margin: 0 0 .4rem; }
.verdict {
  border: 2px solid currentColor; border-left-width: .8rem; border-radius: .4rem; padding: .7rem 1rem;
  font-size: 1.15rem; background: var(--tint);
}
.verdict strong { font-size: 1.5rem; margin-right: .5rem; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.unclear { color: var(--unclear); }
.absent { color: var(--soft); }
.status { font-weight: 600; white-space: nowrap; }
.status.absent { font-weight: 400; }
.numbers {
  list-style: none; padding: 0; margin: 1rem 0; display: grid; gap: .6rem; grid-template-columns:
  repeat(auto-fit, minmax(9.5rem, 1fr));
}
.numbers li {
  border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .8rem; color: var(--soft);
  font-size: .92rem;
}
.numbers b { display: block; color: var(--ink); font-size: 1.4rem; font-variant-numeric: tabular-nums; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: 0; margin: 1rem 0; }
article { border-top: 1px solid var(--line); }
article h3 { margin-top: 1.1rem; }
.facts, .source, figcaption, footer { color: var(--soft); font-size: .92rem; margin: .15rem 0; }
.formula { overflow-x: auto; padding: .35rem 0; }
math { font-size: 1.15rem; }
.formula math { width: max-content; min-width: 100%; }
details { margin: .35rem 0; }
summary { cursor: pointer; padding: .2rem .1rem; }
summary::marker { color: var(--soft); }
details.claim {
  border: 1px solid var(--line); border-radius: .4rem; background: var(--tint); padding: .25rem .8rem;
}
details.claim > summary { font-weight: 600; }
.claim p { color: var(--soft); font-size: .92rem; }
.steps { list-style: none; margin: .4rem 0; padding: 0; }
.steps li { border-left: 3px solid var(--line); padding-left: .8rem; margin: .2rem 0; }
.steps .formula math { text-align: left; min-width: 0; }
.steps math { display: block; }
.steps summary { font-size: .95rem; }
dl { margin: .4rem 0; }
dt { font-weight: 600; margin-top: .5rem; }
dd { margin: 0 0 .3rem; max-width: 46rem; }
ul { margin: .3rem 0; padding-left: 1.3rem; }
.failure { color: var(--bad); font-weight: 500; }
.wide { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .92rem; min-width: 100%; }
table.small { min-width: 0; }
caption { text-align: left; font-weight: 600; padding: .2rem 0; }
th, td {
  border-bottom: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top;
}
thead th { border-bottom: 2px solid var(--line); vertical-align: bottom; }
tbody th { font-weight: 400; }
.bounds td:last-child { min-width: 16rem; }
td { font-variant-numeric: tabular-nums; }
.matrix td { text-align: center; padding: .2rem .3rem; }
.matrix tbody th { min-width: 9rem; position: sticky; left: 0; background: var(--paper); }
.matrix .upright {
  writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; font-weight: 600;
}
.matrix tbody tr:nth-child(even) { background: var(--tint); }
.spoken {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space:
  nowrap;
}
.matrix td { position: relative; }
pre {
  background: var(--tint); border: 1px solid var(--line); border-radius: .4rem; padding: .7rem 1rem;
  overflow-x: auto;
}
figure { margin: 1rem 0; }
svg { max-width: 40rem; width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink); }
.grid { stroke: var(--line); }
.curve { fill: none; stroke-width: 2; }
.curve0 { stroke: #0072b2; }
.curve1 { stroke: #d55e00; }
.curve2 { stroke: #009e73; }
.curve3 { stroke: #cc79a7; }
.mark0 { fill: #0072b2; }
.mark1 { fill: #d55e00; }
.mark2 { fill: #009e73; }
.mark3 { fill: #cc79a7; }
#unfold { width: 1.1rem; height: 1.1rem; vertical-align: middle; }
body:has(#unfold:checked) details::details-content { content-visibility: visible; block-size: auto; }
@supports not selector(::details-content) {
  .switch { display: none; }
}
@media (max-width: 34rem) {
  body { padding: 1rem .8rem 3rem; }
  th, td { padding: .3rem .4rem; }
  .verdict { padding: .6rem .7rem; }
}
@media print {
  @page {
    margin: 15mm;
  }
  :root {
    --ink: #000; --paper: #fff; --soft: #333; --line: #999; --tint: #fff; --good: #000; --bad: #000;
    --unclear: #000; --link: #000; font-size: 9.5pt;
  }
  body { max-width: none; padding: 0; }
  nav, .skip, .switch { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  summary { list-style: none; }
  .formula, .wide, pre { overflow: visible; }
  .formula math { font-size: min(1.15em, calc(16cm / var(--letters) * 1.6)); width: auto; }
  h2, h3, summary, dt { break-after: avoid; }
  li, tr { break-inside: avoid; }
  table { font-size: 8pt; }
  .matrix { font-size: 6.5pt; }
}
""".strip()
