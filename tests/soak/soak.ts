/** A soak: waves of load with rests in between, and a look at the node before and after. */

import type { JournalName } from "../chaos/stages/stage.ts";
import { createRandom } from "../random.ts";
import { playWave, type WaveResult } from "./load/wave.ts";
import type { Census } from "./look/census.ts";
import { Observer, type Sample } from "./look/observer.ts";
import { Stage } from "./node/stage.ts";
import type { Plan } from "./plan.ts";
import { settle } from "./settle.ts";
import type { Evidence } from "./verdict.ts";

export interface SoakOptions {
  readonly plan: Plan;
  readonly journal: JournalName;
  readonly seed: number;
  /** Notifications a second for the tabs that stay, and tabs a second that do not. */
  readonly rate: number;
  readonly tabs: number;
  readonly onProgress: (line: string) => void;
}

export interface SoakResult extends Evidence {
  readonly waves: readonly WaveResult[];
  /** After each wave, when the garbage was collected. */
  readonly rests: readonly Sample[];
  /** The share of a core that the node used while there was load. */
  readonly cpuShare: number;
  /** The heap at the end, in which what has grown can be looked for. */
  readonly snapshot: string;
}

const MAX_SEED = 2 ** 31;
/** Of what the service has done wrong in a wave; the verdict has all of it. */
const MAX_SHOWN = 10;

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const { plan, onProgress } = options, random = createRandom(options.seed);
  await using stage = await Stage.open(options, plan);
  using observer = new Observer(stage.node);
  observer.start(plan.sampleMs);
  const waves: WaveResult[] = [], rests: Sample[] = [], stuck: string[] = [], cpu = { seconds: 0, of: 0 };
  let now = Date.now();
  const play = async (name: string, ms: number) => {
    const seed = Math.floor(random() * MAX_SEED),
      before = await observer.cpuSeconds(),
      from = performance.now();
    const wave = await playWave(stage, { ...options, ...plan, name, ms, seed });
    cpu.seconds += await observer.cpuSeconds() - before;
    cpu.of += (performance.now() - from) / 1_000;
    waves.push(wave);
    now = Date.now();
    onProgress(progressOf(wave));
    stuck.push(...await settle(stage, { observer, restMs: plan.restMs }));
    rests.push(await observer.rest());
  };
  const [census] = await Promise.all([warmTwin(options), play("warm-up", plan.warmUpMs)]);
  const start = withTimers(rests.at(-1), census);
  for (let n = 1; n <= plan.waves; n++) await play(`wave-${n}`, plan.waveMs);
  await observer.stop();
  const { samples } = observer, { errors } = stage;
  const { snapshot, census: last } = await observer.heap(), end = withTimers(rests.at(-1), last);
  return { samples, waves, rests, start, end, snapshot, stuck, errors, now, cpuShare: cpu.seconds / cpu.of };
}

/** Adds what only a look at the heap can tell. */
function withTimers(rest: Sample | undefined, census: Census): Evidence["start"] {
  return { values: { ...rest?.values, timers: census.objects.get("Timeout") ?? 0 }, census };
}

/**
 * Resolves with the census of another node that has only the warm-up behind it. A heap snapshot takes hundreds of
 * megabytes that the process then keeps, and in which a leak of native memory could hide.
 */
async function warmTwin(options: SoakOptions): Promise<Census> {
  const { plan, seed } = options;
  await using stage = await Stage.open(options, plan);
  using observer = new Observer(stage.node);
  await playWave(stage, { ...options, ...plan, name: "warm-up", ms: plan.warmUpMs, seed });
  await settle(stage, { observer, restMs: plan.restMs });
  return (await observer.heap()).census;
}

function progressOf({ name, counts, wrong, unavailable }: WaveResult): string {
  const { accepted, owed, delivered, doubled, lost } = counts;
  return [
    `${name}: ${accepted} accepted, ${delivered} of ${owed} delivered, ${doubled} doubled, ${lost} lost`,
    ...unavailable > 0 ? [`  ${unavailable} calls were answered with 503, and repeated`] : [],
    ...wrong.slice(0, MAX_SHOWN).map((one) => `  ${one}`),
  ].join("\n");
}
