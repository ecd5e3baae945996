/** The dialect of Centrifugo 6: its unidirectional WebSocket, and its HTTP API. */

import type { Dialect, NotificationText } from "../dialect.ts";

export const centrifugo: Dialect = {
  // A tab that is refused gets a close frame after its upgrade.
  acceptsByFrame: true,
  connect({ connect }, { target, token, resumes }) {
    // A token subscribes to its user's personal channel. Without tokens, the tab names the channel.
    const subscription = resumes ? { recover: true, epoch: "", offset: 0 } : {};
    const request = { ...(token !== null && { token }), subs: { [channelOf(target)]: subscription } };
    return { path: connect + encodeURIComponent(JSON.stringify(request)), credential: null };
  },
  authorization: (key) => `apikey ${key}`,
  one: publication,
  many: (notifications) =>
    `{"commands":[${notifications.map((one) => `{"publish":${publication(one)}}`).join(",")}]}`,
};

/** Returns the name of a user's personal channel. */
function channelOf(target: string): string {
  return `#${target}`;
}

function publication({ target, data }: NotificationText): string {
  return `{"channel":"${channelOf(target)}","data":${data}}`;
}
