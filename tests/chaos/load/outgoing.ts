/** The notifications of one publisher: random targets and sizes, the same for the same seed. */

export const TARGETS: readonly string[] = ["alexander", "burr", "jefferson", "madison"];
const EVERYONE_SHARE = 0.1, LARGE_SHARE = 0.05;

export interface Outgoing {
  readonly id: string;
  readonly target: string | null;
  /** What is posted. */
  readonly body: { readonly id: string; readonly data: string } & ({ target: string } | { everyone: true });
}

export function* outgoing(name: string, random: () => number): Generator<Outgoing, never> {
  for (let n = 0;; n++) {
    const id = `${name}-${n}`;
    const target = random() < EVERYONE_SHARE ? null : TARGETS[Math.floor(random() * TARGETS.length)] ?? null;
    const data = "x".repeat(random() < LARGE_SHARE ? 8_000 : Math.floor(random() * 300));
    yield { id, target, body: { id, data, ...target === null ? { everyone: true } : { target } } };
  }
}
