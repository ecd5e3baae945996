/** Each language by its name, because the load is a process of its own that gets its plan as JSON. */

import type { Language } from "./dialect.ts";
import { centrifugo } from "./dialects/centrifugo.ts";
import { socketio } from "./dialects/socketio.ts";
import { tidings } from "./dialects/tidings.ts";
import { ws } from "./dialects/ws.ts";

export const LANGUAGES = { tidings, centrifugo, socketio, ws } as const satisfies Record<string, Language>;

export type LanguageName = keyof typeof LANGUAGES;
