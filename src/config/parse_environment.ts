/** Parses the environment: finds misspelled names, reads the files of secrets, and checks every value. */

import { faultsOnDenoDeploy, isDenoDeploy, withDefaultsOfDenoDeploy } from "./deno_deploy.ts";
import { Environment, SECRETS, VARIABLES } from "./environment.ts";
import { gatherSecrets } from "./secret_files.ts";
import { findUnknownVariables, withoutServiceLinks } from "./unknown_variables.ts";

/** The parsed variables, or what is wrong with them, a line each. */
export type Parsed = { readonly env: Environment } | { readonly faults: readonly string[] };

export function parseEnvironment(environment: Readonly<Record<string, string | undefined>>): Parsed {
  const unknown = findUnknownVariables(environment, VARIABLES).map(({ name, nearest }) =>
    `${name}: there is no such variable; did you mean ${nearest}?`
  );
  const isOnDeploy = isDenoDeploy(environment);
  const impossible = isOnDeploy ? faultsOnDenoDeploy(environment, SECRETS) : [];
  if (impossible.length > 0) return { faults: [...unknown, ...impossible] };
  const own = withoutServiceLinks(isOnDeploy ? withDefaultsOfDenoDeploy(environment) : environment);
  const { texts, faults, sourceOf } = gatherSecrets(own, SECRETS);
  const { success, data: env, error } = Environment.safeParse(texts);
  if (success && unknown.length === 0 && faults.length === 0) return { env };
  const invalid = (error?.issues ?? []).map(({ path: [name, index], message }) => {
    const item = typeof index === "number" ? `, item ${index + 1}` : "";
    return `${sourceOf(String(name))}${item}: ${message}`;
  });
  return { faults: [...unknown, ...faults, ...invalid] };
}
