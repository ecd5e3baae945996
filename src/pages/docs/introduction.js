/** The introduction: fills in what depends on this server, which is its URL, its version and its mode. */

import { byId } from "../shared/dom.js";
import { baseUrl, needsKey } from "../shared/server.js";
import { curl } from "./curl.js";
import { inline } from "./prose.js";

const NOTIFICATION = { target: "alexander", data: { title: "Hello, Alexander Hamilton!" } };

export function showIntroduction({ version }) {
  byId("base-url").textContent = baseUrl;
  byId("version").textContent = version;
  byId("mode").replaceChildren(...inline(modeText()));
  byId("receive-code").textContent = receiveCode();
  byId("send-code").textContent = curl({ url: "/v1/notify", key: "$KEY", body: NOTIFICATION });
}

function modeText() {
  return needsKey
    ? "Production: requests need a publisher key or a subscriber token."
    : "Development: this server checks no keys and no tokens, so everyone who reaches it can send and receive.";
}

function receiveCode() {
  const credential = needsKey ? "token: () => fetchTokenFromYourBackend()" : 'target: "alexander"';
  return `import { connect } from "${baseUrl}/client.js";

const tidings = connect("${baseUrl}", { ${credential} });
tidings.addEventListener("notification", ({ detail }) => console.log(detail.data));`;
}
