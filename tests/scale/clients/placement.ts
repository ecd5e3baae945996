/** Which target and which node a tab has when it first connects. */

/** The target whose tabs are on three nodes, whatever the number of targets. */
export const SPREAD_TARGET = "spread";
export const SPREAD_TABS = 3;

/** The first tabs are those of the target on three nodes. All others are dealt to the targets in turn. */
export function targetOf(tab: number, targets: number): string {
  return tab < SPREAD_TABS ? SPREAD_TARGET : `t${tab % targets}`;
}

/** The index of the first node of a tab. So the tabs of a target that has several are on several nodes. */
export function nodeOf(tab: number, { nodes, targets }: { nodes: number; targets: number }): number {
  return (tab + Math.floor(tab / targets)) % nodes;
}
