/** How charts look, on light and on dark pages: `s0` to `s5` are the colours of lines. */

export const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #57606a; }
.title { font-weight: 600; fill: #1f2328; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.grid { stroke: #d0d7de; stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.s0 { stroke: #cf222e; stroke-width: 3; }
.s1 { stroke: #bc4c00; stroke-dasharray: 6 3; }
.s2 { stroke: #57606a; }
.s3 { stroke: #8250df; }
.s4 { stroke: #1a7f37; }
.s5 { stroke: #0969da; }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1; }
.title { fill: #f0f6fc; }
.grid { stroke: #3d444d; }
.s0 { stroke: #ff7b72; }
.s1 { stroke: #ffa657; }
.s2 { stroke: #9198a1; }
.s3 { stroke: #d2a8ff; }
.s4 { stroke: #7ee787; }
.s5 { stroke: #79c0ff; }
}
`;
