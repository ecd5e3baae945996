/** The dialect of Tidings and of the peers that were written for this benchmark. */

import type { Dialect, NotificationText } from "../dialect.ts";

export const tidings: Dialect = {
  acceptsByFrame: false,
  connect: ({ connect }, { target, token, resumes }) => ({
    path: connect + target + (resumes ? "&after=earliest" : ""),
    credential: token,
  }),
  authorization: (key) => `Bearer ${key}`,
  one: notification,
  many: (notifications) => `[${notifications.map(notification).join(",")}]`,
};

function notification({ target, data }: NotificationText): string {
  return `{"target":"${target}","data":${data}}`;
}
